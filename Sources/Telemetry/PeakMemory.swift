package import Dataflow
internal import Glibc

/// The most memory that this process has held at once.
package enum PeakMemory {
  /// `peak_memory` in bytes; none where the kernel does not tell.
  ///
  /// From `/proc`, not `getrusage`: that one counts in what the parent held when it started this process.
  package static var figures: [Figure] {
    let descriptor = unsafe open("/proc/self/status", O_RDONLY | O_CLOEXEC)
    guard descriptor != -1 else { return [] }
    defer { close(descriptor) }
    // The kernel writes some 1500 bytes, in one piece.
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
    for line in bytes.prefix(max(count, 0)).split(separator: UInt8(ascii: "\n")) {
      // VmHWM:     12345 kB
      let words = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
      guard words.count == 3, words[0].elementsEqual("VmHWM:".utf8) else { continue }
      return Int(String(decoding: words[1], as: UTF8.self)).map { [Figure("peak_memory", Double($0 * 1024))] } ?? []
    }
    return []
  }
}
