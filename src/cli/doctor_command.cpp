// automill doctor: what this program is and what this machine gives it; the first thing to send with a question.

#include <spdlog/version.h>

#include <automill/automl/train.hpp>
#include <iostream>

#if __has_include(<CLI/Version.hpp>)
#include <CLI/Version.hpp>
#endif
#if __has_include(<oneapi/tbb/version.h>)
#include <oneapi/tbb/version.h>
#endif
#if __has_include(<zlib.h>)
#include <zlib.h>
#endif

#include "cli/arguments.hpp"
#include "cli/exit_code.hpp"
#include "cli/json_output.hpp"
#include "data/platform.hpp"

namespace automill::cli {
namespace {

std::string compiler() {
#if defined(__clang__)
  return "Clang " __clang_version__;
#else
  return "GCC " __VERSION__;
#endif
}

std::string processor() {
#if defined(__x86_64__)
  return "x86-64";
#elif defined(__aarch64__)
  return "aarch64";
#else
  return "other";
#endif
}

std::string version_of(int major, int minor, int patch) {
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

/// Versions of the libraries this program was compiled with, as far as their headers tell.
Object dependencies() {
  Object all{{"spdlog", version_of(SPDLOG_VER_MAJOR, SPDLOG_VER_MINOR, SPDLOG_VER_PATCH)}};
#ifdef CLI11_VERSION
  all.append("CLI11", CLI11_VERSION);
#endif
#ifdef TBB_VERSION_STRING
  all.append("oneTBB", TBB_VERSION_STRING);
#endif
#ifdef ZLIB_VERSION
  all.append("zlib", ZLIB_VERSION);
#endif
  return all;
}

}  // namespace

int run_doctor(const DoctorArguments& arguments) {
  const Object report{{"version", AUTOMILL_VERSION},
                      {"compiler", compiler()},
                      {"processor", processor()},
                      {"simd", simd_level()},
                      {"cores", available_cores()},
                      {"available_memory_bytes", available_memory()},
                      {"learners", static_cast<std::int64_t>(builtin_registry().estimator_names().size())},
                      {"transformers", static_cast<std::int64_t>(builtin_registry().transformer_names().size())},
                      {"dependencies", dependencies()}};
  if (arguments.json) {
    print_json(report);
    return exit_ok;
  }
  std::cout << "automill " << AUTOMILL_VERSION << "  (" << compiler() << ", " << processor() << ", " << simd_level()
            << ")\n"
            << "cores " << available_cores() << ", memory " << (available_memory() >> 20) << " MiB available\n"
            << "learners:";
  for (const std::string& name : builtin_registry().estimator_names()) std::cout << " " << name;
  std::cout << "\ntransformers:";
  for (const std::string& name : builtin_registry().transformer_names()) std::cout << " " << name;
  std::cout << "\ncompiled with:";
  const Object versions = dependencies();
  for (const auto& [name, version] : versions.entries()) std::cout << " " << name << " " << version.text();
  std::cout << "\n";
  return exit_ok;
}

}  // namespace automill::cli
