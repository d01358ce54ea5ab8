"""The list of everything that csa is built from and did not write.

Labels are the ones that each library's own Bazel build uses, so that another
source can be put behind them without touching a BUILD file.
"""

load("//third_party:library.bzl", "library")

def csa_dependencies():
    """Defines every external repository. WORKSPACE calls this and no more."""
    _libraries()
    _rules()

def _libraries():
    library(
        name = "com_google_absl",
        debian_package = "libabsl-dev",
        modules = {
            "absl/algorithm:container": "absl_algorithm_container",
            "absl/base:core_headers": "absl_core_headers",
            "absl/base:log_severity": "absl_log_severity",
            "absl/cleanup": "absl_cleanup",
            "absl/container:btree": "absl_btree",
            "absl/container:flat_hash_map": "absl_flat_hash_map",
            "absl/container:flat_hash_set": "absl_flat_hash_set",
            "absl/container:inlined_vector": "absl_inlined_vector",
            "absl/flags:commandlineflag": "absl_flags_commandlineflag",
            "absl/flags:config": "absl_flags_config",
            "absl/flags:flag": "absl_flags",
            "absl/flags:marshalling": "absl_flags_marshalling",
            "absl/flags:reflection": "absl_flags_reflection",
            "absl/flags:usage": "absl_flags_usage",
            "absl/functional:any_invocable": "absl_any_invocable",
            "absl/functional:bind_front": "absl_bind_front",
            "absl/functional:function_ref": "absl_function_ref",
            "absl/hash": "absl_hash",
            "absl/memory": "absl_memory",
            "absl/meta:type_traits": "absl_type_traits",
            "absl/numeric:bits": "absl_bits",
            "absl/numeric:int128": "absl_int128",
            "absl/status": "absl_status",
            "absl/status:statusor": "absl_statusor",
            "absl/strings": "absl_strings",
            "absl/strings:cord": "absl_cord",
            "absl/strings:str_format": "absl_str_format",
            "absl/synchronization": "absl_synchronization",
            "absl/time": "absl_time",
            "absl/types:span": "absl_span",
            "absl/types:variant": "absl_variant",
            "absl/utility": "absl_utility",
        },
    )

    library(
        name = "com_googlesource_code_re2",
        debian_package = "libre2-dev",
        modules = {":re2": "re2"},
    )

    library(
        name = "com_google_googletest",
        debian_package = "libgtest-dev libgmock-dev",
        modules = {
            ":gtest": "gmock gtest",
            ":gtest_main": "gmock_main gmock gtest",
        },
    )

    library(
        name = "nlohmann_json",
        debian_package = "nlohmann-json3-dev",
        modules = {":json": "nlohmann_json"},
    )

    # Debian's module asks for its shared library; the headers can do without.
    library(
        name = "tomlplusplus",
        debian_package = "libtomlplusplus-dev",
        defines = [
            "TOML_EXCEPTIONS=0",
            "TOML_HEADER_ONLY=1",
        ],
        header_only = True,
        modules = {":tomlplusplus": "tomlplusplus"},
    )

def _rules():
    # Bazel fetches these three over the network unless they are defined here.
    native.local_repository(
        name = "rules_cc",
        path = "third_party/rules_cc",
    )
    native.local_repository(
        name = "rules_java",
        path = "/usr/share/bazel/rules/java",
    )
    native.local_repository(
        name = "remote_coverage_tools",
        path = "third_party/remote_coverage_tools",
    )
