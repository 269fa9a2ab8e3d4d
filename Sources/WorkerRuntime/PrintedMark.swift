internal import Glibc

/// How many bytes of results have been printed, known to whoever prints next.
package protocol PrintedLength: AnyObject {
  var printed: Int { get set }
}

/// The same as a word that outlives the process that writes it, however that ends.
///
/// Unsafe inside: `word` addresses eight mapped bytes until `deinit`.
@safe
final class PrintedMark: PrintedLength {
  private let word: UnsafeMutablePointer<UInt64>

  /// - Parameter path: of its file, made where there is none.
  init(path: String) throws(RuntimeError) {
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor != -1 else { throw RuntimeError("cannot open \(path): \(OutputFile.errorText())") }
    defer { close(descriptor) }
    // What is written to mapped memory that the disk has no room for kills the process.
    errno = posix_fallocate(descriptor, 0, off_t(Self.size))
    guard errno == 0 else { throw RuntimeError("cannot write \(path): \(OutputFile.errorText())") }
    let address = unsafe mmap(nil, Self.size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
    guard let address = unsafe address, unsafe address != MAP_FAILED else {
      throw RuntimeError("cannot map \(path): \(OutputFile.errorText())")
    }
    unsafe word = address.assumingMemoryBound(to: UInt64.self)
  }

  deinit { unsafe munmap(word, Self.size) }

  private static let size = 8

  var printed: Int {
    get { Int(clamping: unsafe word.pointee) }
    set { unsafe word.pointee = UInt64(newValue) }
  }
}
