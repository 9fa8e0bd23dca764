#include "cli/log_file.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>

#include <automill/spdlog.hpp>

namespace automill::cli {

std::function<void(const Event&)> log_to_file(const std::string& path) {
  try {
    auto logger =
        std::make_shared<spdlog::logger>("automill", std::make_shared<spdlog::sinks::basic_file_sink_st>(path));
    logger->set_pattern("%Y-%m-%d %H:%M:%S.%e %l %v");
    logger->flush_on(spdlog::level::info);
    return SpdlogSink(std::move(logger));
  } catch (const spdlog::spdlog_ex& problem) {
    throw Error("file.unwritable", path, std::string("the file cannot be opened: ") + problem.what(),
                "choose a place where you may write");
  }
}

}  // namespace automill::cli
