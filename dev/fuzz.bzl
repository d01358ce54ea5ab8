"""csa_fuzz_test: a fuzz target that is also a plain test of its corpus."""

load("@rules_cc//cc:defs.bzl", "cc_test")

def csa_fuzz_test(name, srcs, deps, corpus, **kwargs):
    """A test that feeds inputs to LLVMFuzzerTestOneInput.

    Built as usual, it runs every file of the corpus once. Under --config=fuzz it
    is a libFuzzer binary that starts from the corpus and looks for more, until
    an argument like --test_arg=-max_total_time=10 stops it.

    Args:
      name: the test's name, something_fuzz_test.
      srcs: what defines LLVMFuzzerTestOneInput.
      deps: what it includes.
      corpus: files to start from; a crash that was found becomes one of them.
      **kwargs: passed on to cc_test.
    """
    files = ["$(location {})".format(file) for file in corpus]
    cc_test(
        name = name,
        srcs = srcs,
        args = select({
            "//dev:fuzzing": ["-seed_inputs=" + ",".join(files)],
            "//conditions:default": files,
        }),
        data = corpus,
        linkopts = select({
            "//dev:fuzzing": ["-fsanitize=fuzzer"],
            "//conditions:default": [],
        }),
        deps = deps + select({
            "//dev:fuzzing": [],
            "//conditions:default": ["//dev:replay_corpus"],
        }),
        tags = ["fuzz"],
        **kwargs
    )
