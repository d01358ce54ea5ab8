"""A repository of libraries that the system has installed, found by pkg-config.

Each label becomes a cc_library without sources: its headers lie in the
compiler's own search path (so warnings inside them are not ours), and its
archives are named by path, so that a binary can be linked fully static.
"""

# Parts of the C library or of the compiler, which finds them by itself.
_TOOLCHAIN_LIBRARIES = ["atomic", "dl", "m", "pthread", "rt"]

_PACKAGE = """package(default_visibility = ["//visibility:public"])
"""

_CC_LIBRARY = """
cc_library(
    name = "{name}",
    defines = {defines},
    linkopts = {linkopts},
)
"""

def _library_impl(ctx):
    build_files = {}
    for label, modules in ctx.attr.modules.items():
        package, _, name = label.partition(":")
        flags = []
        if not ctx.attr.header_only:
            flags = _pkg_config(ctx, modules)
        rule = _CC_LIBRARY.format(
            name = name or package.rpartition("/")[2],
            defines = ctx.attr.defines + _defines(flags),
            linkopts = _linkopts(ctx, flags),
        )
        build_files[package] = build_files.get(package, _PACKAGE) + rule
    for package, content in build_files.items():
        path = package + "/BUILD.bazel" if package else "BUILD.bazel"
        ctx.file(path, content, executable = False)

def _pkg_config(ctx, modules):
    """Returns the flags to compile and link with `modules`."""
    program = ctx.which("pkg-config")
    if not program:
        fail("pkg-config is missing: run dev/setup")
    result = ctx.execute(
        [program, "--cflags", "--libs"] + modules.split(" "),
        environment = {"PKG_CONFIG_ALLOW_SYSTEM_LIBS": "1"},
    )
    if result.return_code != 0:
        fail("{}\nDebian has it in {}: run dev/setup".format(
            result.stderr.strip(),
            ctx.attr.debian_package,
        ))
    return [flag for flag in result.stdout.strip().split(" ") if flag]

def _defines(flags):
    return [flag[len("-D"):] for flag in flags if flag.startswith("-D")]

def _linkopts(ctx, flags):
    """Returns the flags to link with; -lNAME becomes the archive's path."""
    directories = [f[len("-L"):] for f in flags if f.startswith("-L")]
    linkopts = []
    for flag in flags:
        if flag.startswith("-I"):
            fail("headers outside the compiler's own search path: " + flag)
        if flag.startswith("-l") and flag[len("-l"):] not in _TOOLCHAIN_LIBRARIES:
            linkopts.append(_archive(ctx, directories, flag[len("-l"):]))
        elif not flag.startswith(("-D", "-L")):
            linkopts.append(flag)
    return linkopts

def _archive(ctx, directories, name):
    for directory in directories:
        path = ctx.path("{}/lib{}.a".format(directory, name))
        if path.exists:
            return str(path)
    return fail("no static library {} in {}".format(name, directories))

library = repository_rule(
    implementation = _library_impl,
    attrs = {
        "debian_package": attr.string(
            mandatory = True,
            doc = "The packages that bring it, for the error message.",
        ),
        "defines": attr.string_list(
            doc = "Macros for whoever depends on it, besides pkg-config's.",
        ),
        "header_only": attr.bool(
            doc = "Ignore pkg-config's flags: the headers are all there is.",
        ),
        "modules": attr.string_dict(
            mandatory = True,
            doc = "Label within the repository to pkg-config modules.",
        ),
    },
    configure = True,
    local = True,
)
