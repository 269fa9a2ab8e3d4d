// One worker of one stage: a process that `sluice` starts, or a person by `sluice stage`. Links no Foundation.
internal import CLinux
internal import Glibc
internal import Records
internal import WorkerRuntime

let usage = "usage: sluice-worker COORDINATOR-ENDPOINT STAGE-NUMBER WORKER-NUMBER PARENT-PID"

func complain(_ message: String) {
  var line = TextBuffer()
  line.append(message)
  line.append("\n")
  unsafe line.bytes.withUnsafeBytes { _ = unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
}

// First of all: whatever is opened next must not be taken for a closed stdout.
guard sluice_hold_standard_descriptors() == 0 else { exit(1) }
let arguments = CommandLine.arguments
guard arguments.count == 5, let stage = UInt16(arguments[2]), let number = UInt16(arguments[3]),
  let parent = Int32(arguments[4])
else {
  complain(usage)
  exit(2)
}
// A worker never outlives the process that started it, however that one ends.
_ = sluice_set_parent_death_signal(SIGKILL)
if getppid() != parent { exit(1) }
signal(SIGPIPE, SIG_IGN)
sluice_keep_freed_memory(8 << 20)

switch WorkerRun(coordinator: arguments[1], id: WorkerID(stage: stage, worker: number)).run() {
case .completed: exit(0)
case .failed: exit(1)
case .lost(let cause):
  complain(cause)
  exit(1)
}
