#pragma once
// Visibility of public types: hidden is the default of the whole build, so what crosses a library boundary says so.

#define AUTOMILL_EXPORT __attribute__((visibility("default")))

#define AUTOMILL_VERSION_MAJOR 0
#define AUTOMILL_VERSION_MINOR 1
#define AUTOMILL_VERSION_PATCH 0
#define AUTOMILL_VERSION "0.1.0"
