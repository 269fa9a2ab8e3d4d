internal import Foundation

/// A file system of few bytes.
package enum SmallDisk {
  /// Only some users may mount one.
  package static let isPermitted = (try? with(bytes: 1 << 16) { _ in true }) ?? false

  struct Refused: Error { let code: Int32 }

  /// Mounts one for `body`.
  package static func with<R>(bytes: Int, _ body: (_ path: String) throws -> R) throws -> R {
    let folder = try TemporaryFolder()
    let path = folder.url.path
    guard unsafe mount("tmpfs", path, "tmpfs", 0, "size=\(bytes)") == 0 else { throw Refused(code: errno) }
    // Descriptors may be open in it still.
    defer { unsafe umount2(path, Int32(MNT_DETACH)) }
    return try body(path)
  }
}
