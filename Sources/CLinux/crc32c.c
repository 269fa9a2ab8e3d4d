#include "clinux.h"

#include <pthread.h>
#include <string.h>

// Reflected Castagnoli polynomial.
#define POLYNOMIAL 0x82F63B78u
// Bytes in each of the three lanes that the hardware loop runs side by side: the CRC instruction has a latency of three
// cycles and a throughput of one, so three independent lanes keep it busy.
#define LANE 1024

static uint32_t byte_table[256];
// lane_shift[i][b]: the CRC of byte b at place i followed by LANE zero bytes.
static uint32_t lane_shift[4][256];
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

static void make_tables(void) {
  for (uint32_t n = 0; n < 256; n++) {
    uint32_t crc = n;
    for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ POLYNOMIAL : crc >> 1;
    byte_table[n] = crc;
  }
  for (uint32_t place = 0; place < 4; place++) {
    for (uint32_t n = 0; n < 256; n++) {
      uint32_t crc = n << (8 * place);
      for (int zero = 0; zero < LANE; zero++) crc = (crc >> 8) ^ byte_table[crc & 0xFF];
      lane_shift[place][n] = crc;
    }
  }
}

uint32_t sluice_crc32c_portable(uint32_t crc, const void *bytes, size_t count) {
  pthread_once(&tables_once, make_tables);
  const uint8_t *next = bytes;
  crc = ~crc;
  while (count--) crc = (crc >> 8) ^ byte_table[(crc ^ *next++) & 0xFF];
  return ~crc;
}

#if defined(__x86_64__)
#include <immintrin.h>
#define HARDWARE __attribute__((target("sse4.2")))
#define STEP8(crc, word) _mm_crc32_u64(crc, word)
#define STEP1(crc, byte) _mm_crc32_u8((uint32_t)(crc), byte)
static int has_hardware(void) { return __builtin_cpu_supports("sse4.2"); }
#elif defined(__aarch64__)
#include <arm_acle.h>
#include <sys/auxv.h>
#define HARDWARE __attribute__((target("crc")))
#define STEP8(crc, word) __crc32cd((uint32_t)(crc), word)
#define STEP1(crc, byte) __crc32cb((uint32_t)(crc), byte)
static int has_hardware(void) { return (getauxval(AT_HWCAP) & (1 << 7)) != 0; }
#endif

#ifdef HARDWARE
static inline uint64_t load8(const uint8_t *at) {
  uint64_t word;
  memcpy(&word, at, 8);
  return word;
}

static inline uint32_t past_a_lane(uint32_t crc) {
  return lane_shift[0][crc & 0xFF] ^ lane_shift[1][(crc >> 8) & 0xFF] ^ lane_shift[2][(crc >> 16) & 0xFF] ^
         lane_shift[3][crc >> 24];
}

HARDWARE static uint32_t hardware(uint32_t seed, const uint8_t *next, size_t count) {
  uint64_t crc = (uint32_t)~seed;
  while (count >= 3 * LANE) {
    uint64_t second = 0, third = 0;
    for (const uint8_t *end = next + LANE; next < end; next += 8) {
      crc = STEP8(crc, load8(next));
      second = STEP8(second, load8(next + LANE));
      third = STEP8(third, load8(next + 2 * LANE));
    }
    crc = past_a_lane((uint32_t)crc) ^ second;
    crc = past_a_lane((uint32_t)crc) ^ third;
    next += 2 * LANE;
    count -= 3 * LANE;
  }
  for (; count >= 8; next += 8, count -= 8) crc = STEP8(crc, load8(next));
  for (; count > 0; next++, count--) crc = STEP1(crc, *next);
  return ~(uint32_t)crc;
}
#endif

uint32_t sluice_crc32c(uint32_t crc, const void *bytes, size_t count) {
#ifdef HARDWARE
  pthread_once(&tables_once, make_tables);
  if (has_hardware()) return hardware(crc, bytes, count);
#endif
  return sluice_crc32c_portable(crc, bytes, count);
}
