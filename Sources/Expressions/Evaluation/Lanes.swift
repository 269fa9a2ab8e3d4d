/// The registers of a program: for each the values of up to `mostRows` rows, and which of them are null. Used again
/// from batch to batch. The fewer rows there are, the closer the registers stand, for the sake of the cache.
///
/// Unsafe inside: `values` and `nulls` have `count` times `widestStride` elements each, `flags` `count`; every
/// register is checked against `count`, and a register's `rows` elements begin at a multiple of `stride`, which is at
/// least `rows` and at most `widestStride`. The mutable spans are given out by methods that do not mutate: a step
/// reads its operands while it writes its target, which is another register (`Program` sees to that).
@safe
struct Lanes: ~Copyable {
  /// Rows at once.
  static let mostRows = 512
  /// No power of two, so that registers do not compete for the same lines of a cache.
  private static let widestStride = mostRows + 8

  private let count: Int
  private let values: UnsafeMutablePointer<Int64>
  private let nulls: UnsafeMutablePointer<UInt8>
  private let flags: UnsafeMutablePointer<Bool>
  private(set) var rows = 0
  private var stride = 0

  /// - Parameter count: how many registers.
  init(count: Int) {
    self.count = count
    unsafe values = .allocate(capacity: count * Self.widestStride)
    unsafe nulls = .allocate(capacity: count * Self.widestStride)
    unsafe flags = .allocate(capacity: count)
    unsafe flags.initialize(repeating: false, count: count)
  }

  deinit {
    unsafe values.deallocate()
    unsafe nulls.deallocate()
    unsafe flags.deallocate()
  }

  /// Makes ready for so many rows; true where all registers have moved, and nothing is left of what they held.
  mutating func begin(rows: Int) -> Bool {
    precondition(0...Self.mostRows ~= rows)
    self.rows = rows
    let stride = rows <= 8 ? 8 : rows <= 64 ? 72 : Self.widestStride
    defer { self.stride = stride }
    return stride != self.stride
  }

  /// As many rows as fit without moving the registers.
  var room: Int { stride }

  @inline(__always)
  private func place(_ register: Int32) -> Int {
    precondition(UInt32(bitPattern: register) < count, "register out of range")
    return Int(register) &* stride
  }

  /// The bits of a register's values.
  @inline(__always)
  @_lifetime(borrow self)
  func values(_ register: Int32) -> Span<Int64> {
    let span = unsafe Span(_unsafeStart: values + place(register), count: rows)
    return unsafe _overrideLifetime(span, borrowing: self)
  }

  /// The values of a register that a step writes.
  @inline(__always)
  @_lifetime(borrow self)
  func target(_ register: Int32) -> MutableSpan<Int64> {
    let span = unsafe MutableSpan(_unsafeStart: values + place(register), count: rows)
    return unsafe _overrideLifetime(span, borrowing: self)
  }

  /// Whether any row is null; `nulls` says which, 1 for a null, only then.
  @inline(__always)
  func hasNulls(_ register: Int32) -> Bool {
    precondition(UInt32(bitPattern: register) < count, "register out of range")
    return unsafe flags[Int(register)]
  }

  @inline(__always)
  func setHasNulls(_ register: Int32, _ value: Bool) {
    precondition(UInt32(bitPattern: register) < count, "register out of range")
    unsafe flags[Int(register)] = value
  }

  @inline(__always)
  @_lifetime(borrow self)
  func nulls(_ register: Int32) -> Span<UInt8> {
    let span = unsafe Span(_unsafeStart: nulls + place(register), count: rows)
    return unsafe _overrideLifetime(span, borrowing: self)
  }

  @inline(__always)
  @_lifetime(borrow self)
  func targetNulls(_ register: Int32) -> MutableSpan<UInt8> {
    let span = unsafe MutableSpan(_unsafeStart: nulls + place(register), count: rows)
    return unsafe _overrideLifetime(span, borrowing: self)
  }

  @inline(__always)
  func isNull(_ register: Int32, _ row: Int) -> Bool { hasNulls(register) && nulls(register)[row] != 0 }

  /// Gives a register the same value for as many rows as there is room for.
  mutating func fill(_ register: Int32, _ value: Int64, isNull: Bool) {
    let rows = self.rows
    self.rows = stride
    var target = target(register)
    for row in target.indices { target[row] = value }
    if isNull {
      var nulls = targetNulls(register)
      for row in nulls.indices { nulls[row] = 1 }
    }
    setHasNulls(register, isNull)
    self.rows = rows
  }
}
