internal import Glibc

/// A directory that only this user may enter, for the sockets of one run; gone with this object.
package final class RunDirectory {
  package let path: String

  /// The longest name that is put into it, and the bytes of a socket's path (without its zero).
  private static let longestName = "/4294967295-65535-65535-65535-65535".utf8.count
  private static let longestPath = 107
  private static let prefix = "sluice-"
  private static let template = "/\(prefix)XXXXXX"
  /// The file in it that says which pipeline runs; locked as long as it does.
  private static let nameFile = "pipeline"
  private var nameDescriptor: Int32 = -1

  /// Under `$XDG_RUNTIME_DIR`, else `$TMPDIR`, else /tmp: the first that is there, may be written and leaves room for the
  /// path of a socket. A container or a login by `su` often has a variable that names no such place.
  package convenience init() throws(SystemCallError) {
    try self.init(candidates: Self.candidates)
  }

  private static var candidates: [String] {
    [environment("XDG_RUNTIME_DIR"), environment("TMPDIR"), "/tmp"].compactMap(\.self)
  }

  /// Where the coordinator of the run in the directory at `path` listens.
  static func control(in path: String) -> String { "ipc://\(path)/control" }

  /// Says that this is the directory of a run of `pipeline`, as long as this object lives.
  func announce(_ pipeline: String) throws(SystemCallError) {
    let file = "\(path)/\(Self.nameFile)"
    nameDescriptor = try systemCall("make \(file)") { unsafe open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600) }
    _ = try systemCall("lock \(file)") { flock(nameDescriptor, LOCK_EX | LOCK_NB) }
    var name = pipeline
    _ = try systemCall("write \(file)") {
      name.withUTF8 { unsafe Int32(clamping: write(nameDescriptor, $0.baseAddress, $0.count)) }
    }
  }

  /// Where the coordinators of this user's runs of `pipeline` listen.
  package static func runs(of pipeline: String) -> [String] {
    Set(candidates).flatMap { parent in
      entries(of: parent).filter { $0.hasPrefix(prefix) }.map { "\(parent)/\($0)" }
    }
    .filter { isRun(of: pipeline, $0) }
    .map(control)
  }

  private static func isRun(of pipeline: String, _ path: String) -> Bool {
    let descriptor = unsafe open("\(path)/\(nameFile)", O_RDONLY | O_CLOEXEC)
    guard descriptor != -1 else { return false }
    defer { close(descriptor) }
    // What a run left that was killed is not locked.
    guard flock(descriptor, LOCK_SH | LOCK_NB) != 0 else { return false }
    var bytes = [UInt8](repeating: 0, count: 1024)
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
    return count >= 0 && pipeline.utf8.elementsEqual(bytes[..<count])
  }

  /// In the first of `candidates` that can be used.
  package init(candidates: [String]) throws(SystemCallError) {
    var failure = SystemCallError("make a directory for the run's sockets", code: ENOENT)
    for parent in candidates {
      guard parent.hasPrefix("/"), parent.utf8.count + Self.template.utf8.count + Self.longestName <= Self.longestPath
      else {
        failure = SystemCallError("make a directory in \(parent) for the run's sockets", code: ENAMETOOLONG)
        continue
      }
      var template = Array((parent + Self.template).utf8CString)
      // mkdtemp makes it with mode 0700.
      let made = unsafe template.withUnsafeMutableBufferPointer { buffer -> String? in
        unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) }.map { unsafe String(cString: $0) }
      }
      if let made {
        path = made
        return
      }
      failure = SystemCallError("make a directory in \(parent) for the run's sockets", code: errno)
    }
    throw failure
  }

  deinit {
    for name in Self.entries(of: path) { unsafe unlink("\(path)/\(name)") }
    if nameDescriptor != -1 { close(nameDescriptor) }
    unsafe rmdir(path)
  }

  private static func entries(of path: String) -> [String] {
    guard let directory = unsafe opendir(path) else { return [] }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }

  private static func environment(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}
