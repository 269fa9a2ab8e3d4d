#pragma once
#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli, reflected 0x82F63B78) of `count` bytes, continuing from `crc` (0 to begin), as in RFC 3720.
/// Uses the processor's CRC instruction where there is one.
uint32_t sluice_crc32c(uint32_t crc, const void *_Nullable bytes, size_t count);

/// The same by table, for processors without the instruction, and so that tests can compare the two.
uint32_t sluice_crc32c_portable(uint32_t crc, const void *_Nullable bytes, size_t count);

/// Asks the kernel to send `signal` to this process when the thread that started it ends. 0, or an errno.
int sluice_set_parent_death_signal(int signal);

/// A descriptor that becomes readable when process `pid` ends, or -1 with errno set.
int sluice_pidfd_open(int pid);
