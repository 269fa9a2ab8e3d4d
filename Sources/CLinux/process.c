#include "clinux.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int sluice_set_parent_death_signal(int signal) {
  return prctl(PR_SET_PDEATHSIG, signal) == 0 ? 0 : errno;
}

int sluice_pidfd_open(int pid) {
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
  return (int)syscall(SYS_pidfd_open, pid, 0);
}
