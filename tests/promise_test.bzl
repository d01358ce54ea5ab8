"""The tests of the promises, through the real binaries."""

load("@rules_cc//cc:defs.bzl", "cc_test")

def promise_test(
        name,
        deps = [],
        data = [],
        env = {},
        with_cgroups = None,
        as_nobody = True,
        thorough = [],
        tags = [],
        **kwargs):
    """A GoogleTest of one promise, NAME.cc, which has the tools at hand.

    Also makes NAME_as_nobody, the same test run by a user without rights.

    Args:
      name: the test's name; its source is NAME.cc.
      deps: what it includes besides //tests:csa_test.
      data: what it needs besides the tools and the hostile command.
      env: the environment that it runs in.
      with_cgroups: a further name, for the same test on a system where csa may
        make cgroups.
      as_nobody: False for a test that would be another one if nobody ran it.
      thorough: those of the further names that run with --config=thorough only:
        they take long, and find little that the test itself does not.
      tags: as for any test.
      **kwargs: passed on to all of them.
    """
    cc_test(
        name = name,
        srcs = [name + ".cc"],
        data = data + [
            "//common/testing:hostile",
            "//tests:tools",
        ],
        deps = deps + [
            "//tests:csa_test",
            "@com_google_googletest//:gtest_main",
        ],
        env = env,
        tags = tags,
        **kwargs
    )
    runners = {}
    if with_cgroups:
        runners[with_cgroups] = "//tests:with_cgroups.sh"
    if as_nobody:
        runners[name + "_as_nobody"] = "//tests:as_nobody.sh"
    for test, runner in runners.items():
        native.sh_test(
            name = test,
            srcs = [runner],
            args = ["$(location %s)" % name],
            data = [name],
            env = env,
            tags = tags + (["thorough"] if test in thorough else []),
            **kwargs
        )
