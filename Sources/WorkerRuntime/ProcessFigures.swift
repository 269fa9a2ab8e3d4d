internal import Dataflow
internal import Glibc

/// What the process that a worker runs in has used.
enum ProcessFigures {
  static var own: [Figure] {
    var usage = rusage()
    guard unsafe getrusage(RUSAGE_SELF.rawValue, &usage) == 0 else { return [] }
    return [Figure("peak_memory", Double(usage.ru_maxrss) * 1024)]
  }
}
