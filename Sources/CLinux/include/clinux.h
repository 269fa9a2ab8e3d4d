#pragma once
#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli, reflected 0x82F63B78) of `count` bytes, continuing from `crc` (0 to begin), as in RFC 3720.
/// Uses the processor's CRC instruction where there is one.
uint32_t sluice_crc32c(uint32_t crc, const void *_Nullable bytes, size_t count);

/// The same by table, for processors without the instruction, and so that tests can compare the two.
uint32_t sluice_crc32c_portable(uint32_t crc, const void *_Nullable bytes, size_t count);

/// Has the cache line at `address`, which may be any, fetched for reading and writing, and waits for nothing.
static inline __attribute__((always_inline)) void sluice_prefetch(const void *_Nullable address) {
  __builtin_prefetch(address, 1, 3);
}

/// Asks the kernel to send `signal` to this process when the thread that started it ends. 0, or an errno.
int sluice_set_parent_death_signal(int signal);

/// A descriptor that becomes readable when process `pid` ends, or -1 with errno set.
int sluice_pidfd_open(int pid);

/// Blocks `signals` in the calling thread and gives a descriptor that becomes readable when one of them comes; or -1 with
/// errno set. Call it before other threads are started, so that they inherit the mask.
int sluice_signal_descriptor(const int *_Nonnull signals, size_t count);

/// Takes the next signal from such a descriptor: its number, or 0 when none waits.
int sluice_next_signal(int descriptor);

/// A pipe whose ends are closed on exec; the read end does not block. 0, or -1 with errno set.
int sluice_pipe(int *_Nonnull read_end, int *_Nonnull write_end);

/// Puts /dev/null in the place of each of stdin, stdout and stderr that is closed, so that no socket or file that is opened
/// later gets its number. It is opened the wrong way round: reading or writing it fails, as it would have. 0, or an errno.
int sluice_hold_standard_descriptors(void);

/// Lets the calling thread's sleeps end when they should, rather than up to 50 us later. 0, or an errno.
int sluice_wake_exactly(void);

/// Keeps freed memory of up to `bytes` for the next allocation rather than giving it back to the kernel each time: a
/// worker allocates and frees a batch of some hundred KB for every frame.
void sluice_keep_freed_memory(int bytes);
