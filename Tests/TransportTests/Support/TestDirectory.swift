import Glibc
import Transport

/// A fresh directory for `ipc` sockets, removed with its contents when the value ends.
struct TestDirectory: ~Copyable {
  let path: String

  init() {
    var template = Array("/tmp/sluice-transport-XXXXXX".utf8CString)
    path = unsafe template.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress, unsafe mkdtemp(start) != nil else { return "/tmp" }
      return unsafe String(cString: start)
    }
  }

  deinit {
    if let stream = unsafe opendir(path) {
      while let entry = unsafe readdir(stream) {
        let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
          let end = unsafe bytes.firstIndex(of: 0) ?? bytes.count
          return unsafe String(decoding: bytes[..<end], as: UTF8.self)
        }
        unsafe unlink(path + "/" + name)
      }
      unsafe closedir(stream)
    }
    unsafe rmdir(path)
  }

  func endpoint(_ name: String) throws -> Endpoint { try Endpoint("ipc://\(path)/\(name)") }
}
