/// The words of one unit, read in place.
///
/// Unsafe inside: `base` addresses `count` words of a page that lives as long as its `UnitPages`. The index is checked in
/// debug builds only, for this is where every row spends its time: it always comes from a `WindowLayout`, whose indices lie
/// below the strides that it gives, or from a row of a chunk, which is below `Cursor.rowsPerChunk`.
@safe
struct UnitWords {
  private let base: UnsafeMutablePointer<Int64>
  private let count: Int

  @unsafe
  @inline(__always)
  init(base: UnsafeMutablePointer<Int64>, count: Int) {
    unsafe self.base = base
    self.count = count
  }

  @inline(__always)
  subscript(word: Int) -> Int64 {
    assert(word >= 0 && word < count)
    return unsafe base[word]
  }
}

/// The words of one unit, read and written in place: those of a page that no snapshot waits for and that is listed as changed.
///
/// Unsafe inside: as `UnitWords`.
@safe
struct MutableUnitWords {
  private let base: UnsafeMutablePointer<Int64>
  private let count: Int

  @unsafe
  @inline(__always)
  init(base: UnsafeMutablePointer<Int64>, count: Int) {
    unsafe self.base = base
    self.count = count
  }

  /// The same, to read.
  @inline(__always) var words: UnitWords { unsafe UnitWords(base: base, count: count) }

  @inline(__always)
  subscript(word: Int) -> Int64 {
    get {
      assert(word >= 0 && word < count)
      return unsafe base[word]
    }
    nonmutating set {
      assert(word >= 0 && word < count)
      unsafe base[word] = newValue
    }
  }
}

/// Eight bytes of `text` from `offset` on, little-endian, zeros after its end.
///
/// Unsafe inside: the load reads bytes `offset` to `offset` + 7, which lie within the text.
@inline(__always)
func textWord(_ text: Span<UInt8>, at offset: Int) -> Int64 {
  precondition(offset >= 0)
  if text.count >= 8, offset <= text.count &- 8 {
    let word = unsafe text.withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: offset, as: Int64.self) }
    return Int64(littleEndian: word)
  }
  var word: Int64 = 0
  var index = offset
  var shift: Int64 = 0
  while index < text.count && shift < 64 {
    word |= Int64(text[index]) &<< shift
    shift &+= 8
    index &+= 1
  }
  return word
}
