// Files and limits of the operating system.

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <thread>

#include "data/csv_helpers.hpp"
#include "data/platform.hpp"

namespace automill {
namespace {

using namespace csv_test;

std::span<const std::byte> bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
std::string content(const std::string& path) {
  const MappedFile file = map_file(path);
  return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}
void write(const std::string& path, std::initializer_list<std::string_view> texts) {
  std::vector<std::span<const std::byte>> parts;
  for (const std::string_view text : texts) parts.push_back(bytes(text));
  write_file_atomically(path, parts);
}

TEST(PlatformFiles, MapAFile) {
  const TemporaryFolder folder;
  EXPECT_EQ(content(folder.write("a", "hello")), "hello");
  EXPECT_EQ(content(folder.write("empty", "")), "");
  MappedFile file = map_file(folder.file("a"));
  file.release(0, 5);
  const MappedFile moved = std::move(file);
  EXPECT_EQ(moved.bytes().size(), 5u);
  EXPECT_EQ(static_cast<char>(moved.bytes()[4]), 'o');
}
TEST(PlatformFiles, PagesCanBeReleasedAndReadAgain) {
  const TemporaryFolder folder;
  const std::string text(1 << 20, 'x');
  const MappedFile file = map_file(folder.write("a", text));
  file.release(100, text.size() - 100);
  EXPECT_EQ(std::memcmp(file.bytes().data(), text.data(), text.size()), 0);
}
TEST(PlatformFiles, APipeIsReadToItsEnd) {
  const TemporaryFolder folder;
  const std::string path = folder.file("pipe");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const std::string text(300000, 'p');
  std::thread writer([&] { std::ofstream(path) << text; });
  EXPECT_EQ(content(path), text);
  writer.join();
}
TEST(PlatformFiles, ErrorsOfOpening) {
  const TemporaryFolder folder;
  EXPECT_EQ(error_of([&] { map_file(folder.file("none")); }).code(), "file.missing");
  EXPECT_EQ(error_of([&] { map_file(folder.write("a", "") + "/b"); }).code(), "file.missing");
  EXPECT_EQ(error_of([&] { map_file(folder.path()); }).code(), "file.folder");
  EXPECT_EQ(error_of([&] { map_file("/proc/self/mem"); }).code(), "file.unreadable");
  EXPECT_EQ(error_of([&] { map_file(folder.file("none"), {.missing = "model.missing"}); }).code(), "model.missing");
}
TEST(PlatformFiles, InputFileReadsInPieces) {
  const TemporaryFolder folder;
  InputFile file(folder.write("a", "abcdefg"));
  std::array<std::byte, 4> buffer;
  EXPECT_EQ(file.read(buffer), 4u);
  EXPECT_EQ(static_cast<char>(buffer[0]), 'a');
  EXPECT_EQ(file.read(buffer), 3u);
  EXPECT_EQ(file.read(buffer), 0u);
}

TEST(PlatformWriting, PartsOneBehindTheOther) {
  const TemporaryFolder folder;
  write(folder.file("a"), {"one", "", "two"});
  EXPECT_EQ(content(folder.file("a")), "onetwo");
  write(folder.file("a"), {"3"});
  EXPECT_EQ(content(folder.file("a")), "3");
  EXPECT_EQ(folder.count(), 1u);  // no temporary file is left
}
TEST(PlatformWriting, KeepsWhoMayReadAndFollowsLinks) {
  const TemporaryFolder folder;
  const std::string path = folder.write("a", "old"), link = folder.file("link");
  ASSERT_EQ(::chmod(path.c_str(), 0640), 0);
  ASSERT_EQ(::symlink("a", link.c_str()), 0);
  write(link, {"new"});
  EXPECT_EQ(content(path), "new");
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  struct stat info {};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777u, 0640u);
}
TEST(PlatformWriting, ADeviceIsWrittenDirectly) {
  write("/dev/null", {"x"});
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}
TEST(PlatformWriting, ErrorsLeaveTheOldFile) {
  const TemporaryFolder folder;
  EXPECT_EQ(error_of([&] { write(folder.path(), {"x"}); }).code(), "file.unwritable");
  const Error error = error_of([&] { write(folder.file("no/such/a"), {"x"}); });
  EXPECT_EQ(error.faults()[0].text(), folder.file("no/such/a") +
                                          ": the file cannot be created: No such file or directory (create the folder "
                                          "first) [file.unwritable]");
  const std::string path = folder.write("a", "old");
  // a limit on the size of files stands in for a full disk: the same code path, EFBIG instead of ENOSPC
  struct rlimit before {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  struct rlimit small = before;
  small.rlim_cur = 1000;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const Error full = error_of([&] { write(path, {std::string(5000, 'x')}); });
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(full.code(), "file.disk_full");
  EXPECT_EQ(full.hint(), "free some space on that disk, or write to another one");
  EXPECT_EQ(content(path), "old");
  EXPECT_EQ(folder.count(), 1u);
}
TEST(PlatformWriting, AFullDeviceIsSaid) {
  if (::access("/dev/full", W_OK) != 0) GTEST_SKIP() << "this system has no /dev/full";
  EXPECT_EQ(error_of([&] { write("/dev/full", {"x"}); }).code(), "file.disk_full");
}

TEST(PlatformLimits, ArePlausible) {
  EXPECT_GE(available_cores(), 1);
  EXPECT_LE(available_cores(), static_cast<int>(std::thread::hardware_concurrency()));
  EXPECT_GT(available_memory(), std::uint64_t{1} << 20);
  EXPECT_GT(resident_bytes(), std::uint64_t{1} << 20);
  EXPECT_GE(peak_resident_bytes() + (std::uint64_t{16} << 20), resident_bytes());  // the kernel counts them apart
}
TEST(PlatformLimits, ResidentMemoryFollowsUse) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "what ThreadSanitizer keeps about each byte that was read stays";
#endif
  const TemporaryFolder folder;  // pages of a file: no allocator that keeps freed memory, no optimiser, is in between
  const MappedFile file = map_file(folder.write("a", std::string(std::size_t{64} << 20, 'x')));
  const std::uint64_t mapped = resident_bytes();
  std::size_t sum = 0;
  for (std::size_t i = 0; i < file.bytes().size(); i += 1024) sum += static_cast<std::size_t>(file.bytes()[i]);
  EXPECT_EQ(sum, (file.bytes().size() / 1024) * 'x');
  EXPECT_GE(resident_bytes(), mapped + file.bytes().size() * 9 / 10);
  file.release(0, file.bytes().size());
  EXPECT_LE(resident_bytes(), mapped + file.bytes().size() / 10);
}

TEST(PlatformLimits, AffinityCounts) {
  cpu_set_t before, one;
  ASSERT_EQ(::sched_getaffinity(0, sizeof before, &before), 0);
  CPU_ZERO(&one);
  for (int i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++i)
    if (CPU_ISSET(i, &before)) CPU_SET(i, &one);
  ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
  EXPECT_EQ(available_cores(), 1);
  ASSERT_EQ(::sched_setaffinity(0, sizeof before, &before), 0);
}

}  // namespace
}  // namespace automill
