"""csa_tool: one of csa's command line tools."""

load("@rules_cc//cc:defs.bzl", "cc_binary")

def csa_tool(name, srcs, deps, **kwargs):
    """A binary that is linked fully static, for its start-up time.

    A static tool runs to its exit in about the time of /bin/true; one that loads
    its libraries takes several times that. The price: no name service calls
    (getpwnam, getaddrinfo). The sanitizer configs in .bazelrc take the feature
    away again, for their runtimes need the dynamic C library.

    Args:
      name: the executable's name, csa-something.
      srcs: main.cc, as a rule.
      deps: the tool's own library and what main.cc includes.
      **kwargs: passed on to cc_binary.
    """
    # What loads its libraries can be preloaded into: tests set its clock so, and
    # valgrind puts its own malloc in place.
    cc_binary(
        name = name + "-dynamic",
        testonly = True,
        srcs = srcs,
        linkstatic = True,
        tags = ["manual"],
        deps = deps,
        **kwargs
    )
    cc_binary(
        name = name,
        srcs = srcs,
        features = ["fully_static_link"],
        linkstatic = True,
        deps = deps + ["//dev:no_iostreams"],
        **kwargs
    )
