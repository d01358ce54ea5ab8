"""promise_test: a test that drives the tools as a user would."""

load("@rules_cc//cc:defs.bzl", "cc_test")

def promise_test(name, deps = [], data = [], **kwargs):
    """A GoogleTest of one promise, NAME.cc, which has the tools at hand.

    Args:
      name: the test's name; its source is NAME.cc.
      deps: what it includes besides //tests:csa_test.
      data: what it needs besides the tools and the hostile command.
      **kwargs: passed on to cc_test.
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
        **kwargs
    )
