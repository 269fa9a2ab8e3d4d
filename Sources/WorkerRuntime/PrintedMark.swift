internal import Dataflow
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
    let kept = unsafe address.load(as: UInt64.self)
    guard kept == Self.word(Int(kept & Self.lengthBits)) else {
      unsafe munmap(address, Self.size)
      throw RuntimeError(
        "\(path) is damaged, so it is not known how much of the results was printed; start over with --fresh",
        .permanent
      )
    }
    unsafe word = address.assumingMemoryBound(to: UInt64.self)
  }

  deinit { unsafe munmap(word, Self.size) }

  private static let size = 8

  var printed: Int {
    get { Int(unsafe word.pointee & Self.lengthBits) }
    set { unsafe word.pointee = Self.word(newValue) }
  }

  private static let lengthBits: UInt64 = (1 << 56) - 1

  /// A length and its CRC-8 (polynomial 0x07) in one word, which is written at once; that of nothing is 0.
  private static func word(_ length: Int) -> UInt64 {
    var rest = UInt8(0)
    for shift in stride(from: 48, through: 0, by: -8) {
      rest ^= UInt8(truncatingIfNeeded: length >> shift)
      for _ in 0..<8 { rest = rest & 0x80 == 0 ? rest << 1 : rest << 1 ^ 0x07 }
    }
    return UInt64(rest) << 56 | UInt64(length) & lengthBits
  }
}
