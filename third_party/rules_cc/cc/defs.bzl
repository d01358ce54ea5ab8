"""The C++ rules, under the name that BUILD files load them by.

Bazel 4.2.3 has them built in; later ones need the real rules_cc, which can take
this directory's place without touching a BUILD file.
"""

cc_binary = native.cc_binary
cc_import = native.cc_import
cc_library = native.cc_library
cc_test = native.cc_test
cc_toolchain = native.cc_toolchain
cc_toolchain_suite = native.cc_toolchain_suite
objc_library = native.objc_library
