/// The memory of one frame: allocated here for a frame to be sent, or a transport's buffer for one that came in.
///
/// Unsafe inside: `base` addresses `count` bytes until `release` is called, once, in `deinit`. Once a frame is sealed the
/// bytes no longer change, which is why the class may cross threads.
@safe
public final class FrameStorage: @unchecked Sendable {
  /// Frees `base`; the second argument is the context given beside it.
  public typealias Release = @convention(c) (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?) -> Void

  @usableFromInline let base: UnsafeMutableRawPointer
  public let count: Int
  private let context: UnsafeMutableRawPointer?
  private let release: Release

  /// Takes over memory that someone else allocated.
  @unsafe
  package init(
    adopting base: UnsafeMutableRawPointer,
    count: Int,
    context: UnsafeMutableRawPointer?,
    release: @escaping Release
  ) {
    unsafe self.base = base
    self.count = count
    unsafe self.context = context
    unsafe self.release = release
  }

  /// `count` bytes of uninitialised memory, aligned for every column type.
  package init(uninitialised count: Int) {
    unsafe base = .allocate(byteCount: max(count, 1), alignment: 16)
    self.count = count
    unsafe context = nil
    unsafe release = { base, _ in unsafe base?.deallocate() }
  }

  /// A copy of `bytes`.
  package convenience init(copying bytes: Span<UInt8>) {
    self.init(uninitialised: bytes.count)
    unsafe bytes.withUnsafeBytes { source in
      if let start = source.baseAddress { unsafe base.copyMemory(from: start, byteCount: source.count) }
    }
  }

  deinit { unsafe release(base, context) }

  /// The frame's bytes. Not aligned.
  package var bytes: Span<UInt8> {
    @_lifetime(borrow self)
    get {
      let span = unsafe Span<UInt8>(_unsafeStart: base.assumingMemoryBound(to: UInt8.self), count: count)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// The address for a transport that keeps this object alive while it reads.
  @unsafe package var baseAddress: UnsafeMutableRawPointer { unsafe base }

  func load<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type, at offset: Int) -> T {
    precondition(offset >= 0 && offset <= count - MemoryLayout<T>.size)
    return unsafe T(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: type))
  }

  func store<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, at offset: Int) {
    precondition(offset >= 0 && offset <= count - MemoryLayout<T>.size)
    unsafe base.storeBytes(of: value.littleEndian, toByteOffset: offset, as: T.self)
  }
}
