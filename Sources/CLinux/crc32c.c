#include "clinux.h"

#include <pthread.h>
#include <string.h>

// Reflected Castagnoli polynomial.
#define POLYNOMIAL 0x82F63B78u
// Bytes in each of the three lanes that the hardware loop runs side by side: the CRC instruction has a latency of three
// cycles and a throughput of one, so three independent lanes keep it busy.
#define LANE 1024

// Bytes that the vector loop folds into those behind them: four vectors, so that one does not wait for the last.
#define FOLD 256

static uint32_t byte_table[256];
// lane_shift[i][b]: the CRC of byte b at place i followed by LANE zero bytes.
static uint32_t lane_shift[4][256];
// What carries 64 bits past FOLD bytes in a carry-less product: the lower of each 16 bytes, and the upper.
static uint64_t fold_by[2];
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

// x^power modulo the polynomial, reflected.
static uint32_t power_of_x(int power) {
  uint32_t rest = 0x80000000u;
  while (power--) rest = rest & 1 ? (rest >> 1) ^ POLYNOMIAL : rest >> 1;
  return rest;
}

static void make_tables(void) {
  for (uint32_t n = 0; n < 256; n++) {
    uint32_t crc = n;
    for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ POLYNOMIAL : crc >> 1;
    byte_table[n] = crc;
  }
  for (uint32_t place = 0; place < 4; place++) {
    for (uint32_t n = 1; n < 256; n++) {
      // The CRC is linear, so only single bits have to be carried past the zeros.
      uint32_t rest = n & (n - 1);
      uint32_t crc = n << (8 * place);
      for (int zero = 0; zero < LANE && rest == 0; zero++) crc = (crc >> 8) ^ byte_table[crc & 0xFF];
      lane_shift[place][n] = rest == 0 ? crc : lane_shift[place][rest] ^ lane_shift[place][n ^ rest];
    }
  }
  // The product of reflected numbers lacks a factor of x, so it is in here.
  fold_by[0] = (uint64_t)power_of_x(8 * FOLD + 32) << 1;
  fold_by[1] = (uint64_t)power_of_x(8 * FOLD - 32) << 1;
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

#if defined(__x86_64__)
#define VECTORS __attribute__((target("sse4.2,avx512f,vpclmulqdq")))
static int has_vectors(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("vpclmulqdq") && has_hardware();
}

VECTORS static inline __m512i folded(__m512i state, __m512i by, __m512i next) {
  __m512i low = _mm512_clmulepi64_epi128(state, by, 0x00);
  __m512i high = _mm512_clmulepi64_epi128(state, by, 0x11);
  return _mm512_ternarylogic_epi64(low, high, next, 0x96);  // the exclusive or of all three
}

// Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction" (2009): FOLD bytes are replaced by
// others of the same remainder. Those left at the end are divided by the CRC instruction, like any bytes.
VECTORS static uint32_t vectors(uint32_t seed, const uint8_t *next, size_t count) {
  if (count < 2 * FOLD) return hardware(seed, next, count);
  const __m512i by = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)fold_by));
  __m512i state[4];
  for (int i = 0; i < 4; i++) state[i] = _mm512_loadu_si512(next + 64 * i);
  state[0] = _mm512_xor_si512(state[0], _mm512_zextsi128_si512(_mm_cvtsi32_si128((int)~seed)));
  for (next += FOLD, count -= FOLD; count >= FOLD; next += FOLD, count -= FOLD) {
    for (int i = 0; i < 4; i++) state[i] = folded(state[i], by, _mm512_loadu_si512(next + 64 * i));
  }
  uint8_t rest[FOLD];
  for (int i = 0; i < 4; i++) _mm512_storeu_si512(rest + 64 * i, state[i]);
  return hardware(hardware(~0u, rest, FOLD), next, count);
}
#endif

uint32_t sluice_crc32c(uint32_t crc, const void *bytes, size_t count) {
#ifdef HARDWARE
  pthread_once(&tables_once, make_tables);
#if defined(__x86_64__)
  if (has_vectors()) return vectors(crc, bytes, count);
#endif
  if (has_hardware()) return hardware(crc, bytes, count);
#endif
  return sluice_crc32c_portable(crc, bytes, count);
}
