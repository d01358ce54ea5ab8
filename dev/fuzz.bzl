"""csa_fuzz_test: a fuzz target that is also a plain test of its corpus."""

load("@rules_cc//cc:defs.bzl", "cc_test")

def csa_fuzz_test(name, deps):
    """A test that feeds inputs to LLVMFuzzerTestOneInput.

    Built as usual, it runs every file of the corpus once. Under --config=fuzz it
    is a libFuzzer binary that starts from the corpus and looks for more, until
    an argument like --test_arg=-max_total_time=60 stops it.

    Args:
      name: what is fuzzed. The test is NAME_fuzz_test, its source
        NAME_fuzz_test.cc, its corpus the files in corpus/NAME: a crash that was
        found becomes one of them.
      deps: what the source includes besides //tests/fuzz:fuzz_input.
    """
    corpus = native.glob(["corpus/%s/*" % name])
    files = ["$(location {})".format(file) for file in corpus]
    cc_test(
        name = name + "_fuzz_test",
        srcs = [name + "_fuzz_test.cc"],
        args = select({
            "//dev:fuzzing": ["-seed_inputs=" + ",".join(files)],
            "//conditions:default": files,
        }),
        data = corpus,
        linkopts = select({
            "//dev:fuzzing": ["-fsanitize=fuzzer"],
            "//conditions:default": [],
        }),
        deps = deps + ["//tests/fuzz:fuzz_input"] + select({
            "//dev:fuzzing": [],
            "//conditions:default": ["//dev:replay_corpus"],
        }),
        tags = ["fuzz"],
    )
