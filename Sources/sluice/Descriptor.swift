internal import Glibc

/// Output by plain system calls: Foundation traps where a descriptor cannot be written, and `print` says nothing.
enum Descriptor {
  /// Writes all of `text`; nil, or the errno that says why not.
  static func write(_ text: Span<UInt8>, to descriptor: Int32) -> Int32? {
    var offset = 0
    while offset < text.count {
      let written = unsafe text.withUnsafeBytes { bytes in
        unsafe Glibc.write(descriptor, bytes.baseAddress.map { unsafe $0 + offset }, bytes.count - offset)
      }
      if written >= 0 {
        offset += written
        continue
      }
      switch errno {
      case EINTR: continue
      case EAGAIN:
        // Somebody made the terminal or pipe that we inherited non-blocking.
        var item = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        unsafe poll(&item, 1, -1)
      default: return errno
      }
    }
    return nil
  }
}
