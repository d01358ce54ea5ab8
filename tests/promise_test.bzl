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
        make cgroups. Bazel's sandbox is one where it may not.
      as_nobody: False for a test that would be another one if nobody ran it.
      thorough: those of the further names that run with --config=thorough only:
        they take long, and find little that the test itself does not.
      tags: as for any test.
      **kwargs: passed on to all of them.
    """
    names = {name: env}
    if with_cgroups:
        names[with_cgroups] = {"CSA_TEST_CGROUPS": "1"}
    for test, its_env in names.items():
        cc_test(
            name = test,
            srcs = [name + ".cc"],
            data = data + [
                "//common/testing:hostile",
                "//tests:tools",
            ],
            deps = deps + [
                "//tests:csa_test",
                "@com_google_googletest//:gtest_main",
            ],
            env = its_env,
            tags = tags + (["thorough"] if test in thorough else []),
            **kwargs
        )
    if not as_nobody:
        return
    nobodys_name = name + "_as_nobody"
    native.sh_test(
        name = nobodys_name,
        srcs = ["//tests:as_nobody.sh"],
        args = ["$(location %s)" % name],
        data = [name],
        env = env,
        tags = tags + (["thorough"] if nobodys_name in thorough else []),
        **kwargs
    )
