import Foundation

/// Makes a directory for `body`, and removes it with all that is in it.
func withTemporaryDirectory<R>(_ body: (_ path: String) throws -> R) throws -> R {
  let path = FileManager.default.temporaryDirectory.path + "/sluice-checkpoints-\(UUID())"
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try body(path)
}
