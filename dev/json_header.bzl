"""json_header: a JSON document as a C++ constant."""

load("@rules_cc//cc:defs.bzl", "cc_library")

def json_header(name, src, constant):
    """A library whose header, NAME.h, has the document as a text.

    Args:
      name: the library's name.
      src: the document.
      constant: the constant's name, in the namespace csa.
    """
    guard = "CSA_%s_%s_H_" % (
        native.package_name().upper().replace("/", "_"),
        name.upper(),
    )
    native.genrule(
        name = "make_" + name,
        srcs = [src],
        outs = [name + ".h"],
        cmd = """{
            echo '#ifndef %s'
            echo '#define %s'
            echo 'namespace csa {'
            printf 'inline constexpr char %s[] = R"json('
            cat $<
            echo ')json";'
            echo '}  // namespace csa'
            echo '#endif'
        } > $@""" % (guard, guard, constant),
    )
    cc_library(
        name = name,
        hdrs = [name + ".h"],
    )
