#pragma once
// Properties of characters, Unicode 14.0.0. Made by scripts/make_unicode_tables.py: change it there.

#include <cstdint>

namespace automill::unicode {

// clang-format off
/// Where the page of 256 characters changes: (number of 256 characters, page).
inline constexpr std::uint16_t word_runs[][2] = {
    {0, 0}, {1, 1}, {2, 2}, {3, 3}, {4, 4}, {5, 5}, {6, 6}, {7, 7}, {8, 8}, {9, 9}, {10, 10}, {11, 11},
    {12, 12}, {13, 13}, {14, 14}, {15, 15}, {16, 16}, {17, 1}, {18, 17}, {19, 18}, {20, 19}, {21, 1}, {22, 20}, {23, 21},
    {24, 22}, {25, 23}, {26, 24}, {27, 25}, {28, 26}, {29, 27}, {30, 1}, {31, 28}, {32, 29}, {33, 30}, {34, 31}, {36, 32},
    {37, 31}, {39, 33}, {40, 31}, {44, 34}, {45, 35}, {46, 36}, {47, 31}, {48, 37}, {49, 38}, {50, 39}, {51, 31}, {52, 1},
    {77, 27}, {78, 1}, {164, 40}, {165, 1}, {166, 41}, {167, 42}, {168, 43}, {169, 44}, {170, 45}, {171, 46}, {172, 1}, {215, 47},
    {216, 31}, {249, 1}, {250, 48}, {251, 49}, {252, 1}, {253, 50}, {254, 51}, {255, 52}, {256, 53}, {257, 54}, {258, 55}, {259, 56},
    {260, 57}, {261, 58}, {262, 1}, {263, 59}, {264, 60}, {265, 61}, {266, 62}, {267, 63}, {268, 64}, {269, 65}, {270, 66}, {271, 67},
    {272, 68}, {273, 69}, {274, 70}, {275, 71}, {276, 72}, {277, 73}, {278, 74}, {279, 75}, {280, 76}, {281, 77}, {282, 78}, {283, 31},
    {284, 79}, {285, 80}, {286, 81}, {287, 82}, {288, 1}, {291, 83}, {292, 84}, {293, 85}, {294, 31}, {303, 86}, {304, 1}, {308, 87},
    {309, 31}, {324, 1}, {326, 88}, {327, 31}, {360, 1}, {362, 89}, {363, 90}, {364, 31}, {366, 91}, {367, 92}, {368, 1}, {391, 93},
    {392, 1}, {396, 94}, {397, 95}, {398, 31}, {431, 96}, {432, 1}, {433, 97}, {434, 98}, {435, 31}, {444, 99}, {445, 31}, {466, 100},
    {467, 101}, {468, 102}, {469, 103}, {470, 104}, {471, 105}, {472, 31}, {479, 106}, {480, 31}, {481, 107}, {482, 108}, {483, 31}, {487, 109},
    {488, 110}, {489, 111}, {490, 31}, {492, 112}, {493, 113}, {494, 114}, {495, 31}, {497, 115}, {498, 31}, {507, 116}, {508, 31}, {512, 1},
    {678, 117}, {679, 1}, {695, 118}, {696, 119}, {697, 1}, {718, 120}, {719, 1}, {747, 121}, {748, 31}, {760, 1}, {762, 122}, {763, 31},
    {768, 1}, {787, 123}, {788, 31}};
/// A bit a character: letters, digits, other numbers and the underscore.
inline constexpr std::uint64_t word_pages[][4] = {
    {0x3ff000000000000, 0x7fffffe87fffffe, 0x762c040000000000, 0xff7fffffff7fffff}, {0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff},
    {0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0x501f0003ffc3}, {0x0, 0xbcdf000000000000, 0xfffffffbffffd740, 0xffbfffffffffffff},
    {0xffffffffffffffff, 0xffffffffffffffff, 0xfffffffffffffc03, 0xffffffffffffffff}, {0xfffeffffffffffff, 0xffffffff027fffff, 0x1ff, 0x787ffffff0000},
    {0xffffffff00000000, 0xfffec3ff000007ff, 0xffffffffffffffff, 0x9fffc060002fffff}, {0xfffffffd0000, 0xffffffffffffe000, 0x2003fffffffff, 0x43007ffffffffff},
    {0x110043fffff, 0xffff07ff01ffffff, 0xffffffff00007eff, 0x3ff}, {0x23fffffffffffff0, 0xfffeffc3ff010000, 0x23c5fdfffff99fe1, 0x13f3ffc3b0004000},
    {0x36dfdfffff987e0, 0x1cffc05e000000, 0x23edfdfffffbbfe0, 0x200ffc300010000}, {0x23edfdfffff99fe0, 0xfeffc3b0000000, 0x3ffc718d63dc7e8, 0x7ffc000010000},
    {0x23fffdfffffddfe0, 0x7f00ffc327000000, 0x23effdfffffddfe1, 0x6ffc360000000}, {0x27fffffffffddff0, 0xfdffffc3ff704000, 0x2ffbfffffc7fffe0, 0xffc00000007f},
    {0xdfffffffffffe, 0x3ff007f, 0x200dffaffffff7d6, 0xf3ff005f}, {0xfffff00000001, 0x1ffffffffeff, 0x1f00, 0x0},
    {0x800007ffffffffff, 0xffe1c0623c3f03ff, 0xffffffff03ff4003, 0xf7ffffffffff20bf}, {0xffffffffffffffff, 0xffffffff3d7f3dff, 0x7f3dffffffff3dff, 0xffffffffff7fff3d},
    {0xffffffffff3dffff, 0x1ffffe0007ffffff, 0xffffffff0000ffff, 0x3f3fffffffffffff}, {0xfffffffffffffffe, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff},
    {0xffffffffffffffff, 0xffff9fffffffffff, 0xffffffff07fffffe, 0x1ffc7ffffffffff}, {0x3ffff8003ffff, 0x1dfff0003ffff, 0xfffffffffffff, 0x3ff03ff10800000},
    {0xffffffff03ff0000, 0x1ffffffffffffff, 0xffff05ffffffff9f, 0x3fffffffffffff}, {0x7fffffff, 0x1f3fffffffffc0, 0xffff0fffffffffff, 0x7ff03ff},
    {0xffffffff007fffff, 0x1fffff, 0x8003ff03ff, 0x0}, {0xfffffffffffe0, 0x3ff1fe0, 0xffffc001fffffff8, 0x3fffffffff},
    {0xfffffffff, 0x3fffffffffffe3ff, 0xe7ffffffffff01ff, 0x46fde0000000000}, {0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0x0},
    {0xffffffff3f3fffff, 0x3fffffffaaff3f3f, 0x5fdfffffffffffff, 0x1fdc1fff0fcf1fdc}, {0x0, 0x83f3000000000000, 0x1fff03ff, 0x0},
    {0xf3ffbd503e2ffc84, 0xffffffffffff43e0, 0x3ff, 0x0}, {0x0, 0x0, 0x0, 0x0},
    {0x0, 0xffffffff00000000, 0xfffffff, 0xfffffc0000000000}, {0x0, 0xffc0000000000000, 0xfffff, 0x0},
    {0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0x200c781fffffffff}, {0xffff20bfffffffff, 0x80ffffffffff, 0x7f7f7f7f007fffff, 0x7f7f7f7f},
    {0x800000000000, 0x0, 0x0, 0x0}, {0x1f3e03fe000000e0, 0xfffffffffffffffe, 0xfffffffee07fffff, 0xf7ffffffffffffff},
    {0xfffeffffffffffe0, 0xffffffffffffffff, 0xffffffff003c7fff, 0xffff000000000000}, {0x3ff00000000, 0xfffeff00, 0xfffe0000000003ff, 0x0},
    {0xffffffffffffffff, 0xffffffffffffffff, 0x1fff, 0x3fffffffffff0000}, {0xfffffff1fff, 0x80007fffffffffff, 0xffffffff3fffffff, 0xffffffffffff},
    {0xfffffffcff800000, 0xffffffffffffffff, 0xfffffffffffff9ff, 0xfffc000003eb07ff}, {0x3f0007fffff7bb, 0xfffffffffffff, 0xffffffffffffc, 0x68fc000003ff0000},
    {0xffff003fffffffff, 0x1fffffff0000007f, 0x7fffffffffff0, 0x7fffffdf03ff8000}, {0x1ffffffffff, 0xc47fffff03ff0ff7, 0x3e62ffffffffffff, 0x1c07ff38000005},
    {0xffff7f7f007e7e7e, 0xffff03fff7ffffff, 0xffffffffffffffff, 0x3ff0007ffffffff}, {0xffffffffffffffff, 0xffffffffffffffff, 0xffff000fffffffff, 0xffffffffffff87f},
    {0xffffffffffffffff, 0xffff3fffffffffff, 0xffffffffffffffff, 0x3ffffff}, {0x5f7ffdffa0f8007f, 0xffffffffffffffdb, 0x3ffffffffffff, 0xfffffffffff80000},
    {0x3fffffffffffffff, 0xffffffffffff0000, 0xfffffffffffcffff, 0xfff0000000000ff}, {0x0, 0xffdf000000000000, 0xffffffffffffffff, 0x1fffffffffffffff},
    {0x7fffffe03ff0000, 0xffffffc007fffffe, 0x7fffffffffffffff, 0x1cfcfcfc}, {0xb7ffff7fffffefff, 0x3fff3fff, 0xffffffffffffffff, 0x7ffffffffffffff},
    {0xfffffffffff80, 0x1ffffffffffffff, 0xc00, 0x0}, {0x0, 0x0, 0xffffffff1fffffff, 0xffffffe0001ffff},
    {0xffffe00fffffffff, 0x3fffffffff07ff, 0xffffffff3fffffff, 0x3eff0f}, {0xffffffffffffffff, 0xffffffffffffffff, 0xffff03ff3fffffff, 0xfffffffff0fffff},
    {0xffff00ffffffffff, 0xf7ff000fffffffff, 0x1bfbfffbffb7f7ff, 0x0}, {0x7fffffffffffff, 0xff003fffff, 0x7fdffffffffffbf, 0x0},
    {0x91bffffffffffd3f, 0xfe7fffffff3fffff, 0xff807fffffff, 0xf837ffff00000000}, {0x3ffffff0fffffff, 0x0, 0xf0ffffffffffffff, 0xfffffffffffcffff},
    {0x3ffffffeef0001, 0x7fffffff000001ff, 0xffffffff, 0xf81ffffffeff}, {0x3fffffffffffff, 0xff07ffffff3fffff, 0xfe000003ffff, 0x0},
    {0xffffffffffffffff, 0x1ff, 0x7ffffffffffff, 0xfc07ffffffffffff}, {0x3ff000fffffffff, 0x0, 0x0, 0x0},
    {0x0, 0x7fffffff00000000, 0x303ffffffffff, 0x0}, {0xffff00ffffffffff, 0xffff0000001e003f, 0xffff000000000003, 0x7fffff00000fff},
    {0xfffffffffffff8, 0x26fffffffc0000, 0xfffffffffff8, 0x3ff01ffffff0000}, {0xffc0007ffffffff8, 0x47ffffffff0090, 0x7fffffffffff8, 0x1ffffe17ff001e},
    {0xffffffbffff, 0x0, 0xffff01ffbfffbd7f, 0x3ff00007fffffff}, {0x23edfdfffff99fe0, 0x3e0010000, 0x0, 0x0},
    {0x1fffffffffffff, 0x383ff0780, 0xffffffffffff, 0x3ff00b0}, {0x0, 0x0, 0x7fffffffffff, 0xf000000},
    {0xffffffffffff, 0x3ff0010, 0x10007ffffffffff, 0x3ff}, {0xfff000007ffffff, 0x7f, 0x0, 0x0},
    {0xfffffffffff, 0x0, 0xffffffff00000000, 0x8007ffffffffffff}, {0x8000ffffff6ff27f, 0x3ff0002, 0xfffffcff00000000, 0xa0001ffff},
    {0x407fffffffff801, 0xfffffffff0010000, 0xffff0000200003ff, 0x1ffffffffffffff}, {0x7ffffffffdff, 0xfffc1fffffff0001, 0xffff, 0x0},
    {0x1fffffffffb7f, 0xfffffdbf03ff0040, 0x3ff010003ff, 0x0}, {0x0, 0x0, 0x0, 0x7ffff00000000},
    {0x0, 0x0, 0x1000000000000, 0x1fffff}, {0xffffffffffffffff, 0xffffffffffffffff, 0x3ffffff, 0x0},
    {0xffffffffffffffff, 0x7fffffffffff, 0xffffffffffffffff, 0xffffffffffffffff}, {0xffffffffffffffff, 0xf, 0x0, 0x0},
    {0x0, 0x0, 0xffffffffffff0000, 0x1ffffffffffff}, {0x7fffffffffff, 0x0, 0x0, 0x0},
    {0xffffffffffffffff, 0x7f, 0x0, 0x0}, {0x1ffffffffffffff, 0xffff03ff7fffffff, 0x7fffffffffffffff, 0x3fffffff03ff},
    {0xffffffffffff, 0xe0fffffbfbff000f, 0xffff, 0x0}, {0x0, 0xffffffffffffffff, 0x7fffff, 0x0},
    {0xffffffffffffffff, 0x107ff, 0xfff80000, 0xb00000000}, {0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffff},
    {0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0x3fffff}, {0x1ff, 0x0, 0x0, 0x0},
    {0x0, 0x0, 0x0, 0x6fef000000000000}, {0x7ffffffff, 0xffff00f000070000, 0xffffffffffffffff, 0xffffffffffffffff},
    {0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xfffffffffffffff}, {0xffffffffffffffff, 0x1fff07ffffffffff, 0x3ff01ff, 0x0},
    {0x0, 0x0, 0x0, 0xfffff00000000}, {0x0, 0x1ffffff00000000, 0x0, 0x0},
    {0xffffffffffffffff, 0xffffffffffdfffff, 0xebffde64dfffffff, 0xffffffffffffffef}, {0x7bffffffdfdfe7bf, 0xfffffffffffdfc5f, 0xffffffffffffffff, 0xffffffffffffffff},
    {0xffffffffffffffff, 0xffffffffffffffff, 0xffffff3fffffffff, 0xf7fffffff7fffffd}, {0xffdfffffffdfffff, 0xffff7fffffff7fff, 0xfffffdfffffffdff, 0xffffffffffffcff7},
    {0x7fffffff, 0x0, 0x0, 0x0}, {0x3f801fffffffffff, 0x43ff, 0x0, 0x0},
    {0x0, 0x0, 0x3fffffff0000, 0x3ff0fffffffffff}, {0x0, 0x0, 0x0, 0x7fff6f7f00000000},
    {0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xff9f}, {0xffffffffffffffff, 0x3ff080f, 0x0, 0x0},
    {0x0, 0xfffe000000000000, 0x1eefffffffffff, 0x0}, {0x3fffbffffffffffe, 0x0, 0x0, 0x0},
    {0xaf7fe96ffffffef, 0x5ef7f796aa96ea84, 0xffffbee0ffffbff, 0x0}, {0x1fff, 0x0, 0x0, 0x0},
    {0x0, 0x0, 0x0, 0x3ff000000000000}, {0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffff},
    {0x1ffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff}, {0xffffffff3fffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff},
    {0xffffffffffffffff, 0xffffffffffffffff, 0xffff0003ffffffff, 0xffffffffffffffff}, {0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0x1ffffffff},
    {0x3fffffff, 0x0, 0x0, 0x0}, {0xffffffffffffffff, 0x7ff, 0x0, 0x0}};
/// Capitals beyond ASCII: each step-th character from first to last moves by the distance.
struct CaseRange {
  std::uint32_t first, last, step;
  std::int32_t distance;
};
inline constexpr CaseRange lower_ranges[] = {
    {192, 214, 1, 32}, {216, 222, 1, 32}, {256, 302, 2, 1}, {304, 304, 1, -199}, {306, 310, 2, 1}, {313, 327, 2, 1},
    {330, 374, 2, 1}, {376, 376, 1, -121}, {377, 381, 2, 1}, {385, 385, 1, 210}, {386, 388, 2, 1}, {390, 390, 1, 206},
    {391, 391, 1, 1}, {393, 394, 1, 205}, {395, 395, 1, 1}, {398, 398, 1, 79}, {399, 399, 1, 202}, {400, 400, 1, 203},
    {401, 401, 1, 1}, {403, 403, 1, 205}, {404, 404, 1, 207}, {406, 406, 1, 211}, {407, 407, 1, 209}, {408, 408, 1, 1},
    {412, 412, 1, 211}, {413, 413, 1, 213}, {415, 415, 1, 214}, {416, 420, 2, 1}, {422, 422, 1, 218}, {423, 423, 1, 1},
    {425, 425, 1, 218}, {428, 428, 1, 1}, {430, 430, 1, 218}, {431, 431, 1, 1}, {433, 434, 1, 217}, {435, 437, 2, 1},
    {439, 439, 1, 219}, {440, 440, 1, 1}, {444, 444, 1, 1}, {452, 452, 1, 2}, {453, 453, 1, 1}, {455, 455, 1, 2},
    {456, 456, 1, 1}, {458, 458, 1, 2}, {459, 475, 2, 1}, {478, 494, 2, 1}, {497, 497, 1, 2}, {498, 500, 2, 1},
    {502, 502, 1, -97}, {503, 503, 1, -56}, {504, 542, 2, 1}, {544, 544, 1, -130}, {546, 562, 2, 1}, {570, 570, 1, 10795},
    {571, 571, 1, 1}, {573, 573, 1, -163}, {574, 574, 1, 10792}, {577, 577, 1, 1}, {579, 579, 1, -195}, {580, 580, 1, 69},
    {581, 581, 1, 71}, {582, 590, 2, 1}, {880, 882, 2, 1}, {886, 886, 1, 1}, {895, 895, 1, 116}, {902, 902, 1, 38},
    {904, 906, 1, 37}, {908, 908, 1, 64}, {910, 911, 1, 63}, {913, 929, 1, 32}, {931, 939, 1, 32}, {975, 975, 1, 8},
    {984, 1006, 2, 1}, {1012, 1012, 1, -60}, {1015, 1015, 1, 1}, {1017, 1017, 1, -7}, {1018, 1018, 1, 1}, {1021, 1023, 1, -130},
    {1024, 1039, 1, 80}, {1040, 1071, 1, 32}, {1120, 1152, 2, 1}, {1162, 1214, 2, 1}, {1216, 1216, 1, 15}, {1217, 1229, 2, 1},
    {1232, 1326, 2, 1}, {1329, 1366, 1, 48}, {4256, 4293, 1, 7264}, {4295, 4295, 1, 7264}, {4301, 4301, 1, 7264}, {5024, 5103, 1, 38864},
    {5104, 5109, 1, 8}, {7312, 7354, 1, -3008}, {7357, 7359, 1, -3008}, {7680, 7828, 2, 1}, {7838, 7838, 1, -7615}, {7840, 7934, 2, 1},
    {7944, 7951, 1, -8}, {7960, 7965, 1, -8}, {7976, 7983, 1, -8}, {7992, 7999, 1, -8}, {8008, 8013, 1, -8}, {8025, 8031, 2, -8},
    {8040, 8047, 1, -8}, {8072, 8079, 1, -8}, {8088, 8095, 1, -8}, {8104, 8111, 1, -8}, {8120, 8121, 1, -8}, {8122, 8123, 1, -74},
    {8124, 8124, 1, -9}, {8136, 8139, 1, -86}, {8140, 8140, 1, -9}, {8152, 8153, 1, -8}, {8154, 8155, 1, -100}, {8168, 8169, 1, -8},
    {8170, 8171, 1, -112}, {8172, 8172, 1, -7}, {8184, 8185, 1, -128}, {8186, 8187, 1, -126}, {8188, 8188, 1, -9}, {8486, 8486, 1, -7517},
    {8490, 8490, 1, -8383}, {8491, 8491, 1, -8262}, {8498, 8498, 1, 28}, {8544, 8559, 1, 16}, {8579, 8579, 1, 1}, {9398, 9423, 1, 26},
    {11264, 11311, 1, 48}, {11360, 11360, 1, 1}, {11362, 11362, 1, -10743}, {11363, 11363, 1, -3814}, {11364, 11364, 1, -10727}, {11367, 11371, 2, 1},
    {11373, 11373, 1, -10780}, {11374, 11374, 1, -10749}, {11375, 11375, 1, -10783}, {11376, 11376, 1, -10782}, {11378, 11378, 1, 1}, {11381, 11381, 1, 1},
    {11390, 11391, 1, -10815}, {11392, 11490, 2, 1}, {11499, 11501, 2, 1}, {11506, 11506, 1, 1}, {42560, 42604, 2, 1}, {42624, 42650, 2, 1},
    {42786, 42798, 2, 1}, {42802, 42862, 2, 1}, {42873, 42875, 2, 1}, {42877, 42877, 1, -35332}, {42878, 42886, 2, 1}, {42891, 42891, 1, 1},
    {42893, 42893, 1, -42280}, {42896, 42898, 2, 1}, {42902, 42920, 2, 1}, {42922, 42922, 1, -42308}, {42923, 42923, 1, -42319}, {42924, 42924, 1, -42315},
    {42925, 42925, 1, -42305}, {42926, 42926, 1, -42308}, {42928, 42928, 1, -42258}, {42929, 42929, 1, -42282}, {42930, 42930, 1, -42261}, {42931, 42931, 1, 928},
    {42932, 42946, 2, 1}, {42948, 42948, 1, -48}, {42949, 42949, 1, -42307}, {42950, 42950, 1, -35384}, {42951, 42953, 2, 1}, {42960, 42960, 1, 1},
    {42966, 42968, 2, 1}, {42997, 42997, 1, 1}, {65313, 65338, 1, 32}, {66560, 66599, 1, 40}, {66736, 66771, 1, 40}, {66928, 66938, 1, 39},
    {66940, 66954, 1, 39}, {66956, 66962, 1, 39}, {66964, 66965, 1, 39}, {68736, 68786, 1, 64}, {71840, 71871, 1, 32}, {93760, 93791, 1, 32},
    {125184, 125217, 1, 34}};
/// Spaces beyond ASCII.
inline constexpr std::uint32_t spaces[] = {
    133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201, 8202, 8232, 8233,
    8239, 8287, 12288};
/// Zeros of decimal digits beyond ASCII; the nine after each are the others.
inline constexpr std::uint32_t zeros[] = {
    1632, 1776, 1984, 2406, 2534, 2662, 2790, 2918, 3046, 3174, 3302, 3430, 3558, 3664, 3792, 3872,
    4160, 4240, 6112, 6160, 6470, 6608, 6784, 6800, 6992, 7088, 7232, 7248, 42528, 43216, 43264, 43472,
    43504, 43600, 44016, 65296, 66720, 68912, 69734, 69872, 69942, 70096, 70384, 70736, 70864, 71248, 71360, 71472,
    71904, 72016, 72784, 73040, 73120, 92768, 92864, 93008, 120782, 120792, 120802, 120812, 120822, 123200, 123632, 125264,
    130032};
// clang-format on

}  // namespace automill::unicode
