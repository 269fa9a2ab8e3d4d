internal import Records

/// Where a text stands, in the bits of a register's value: texts are not copied from step to step.
struct TextReference {
  let bits: Int64

  private static let kind: Int64 = 1 << 60

  /// No bytes: what stands where a row is null.
  static let empty = TextReference(bits: 0)

  init(bits: Int64) { self.bits = bits }
  /// The row's text in a column.
  init(column: Int) { bits = Self.kind | Int64(column) }
  /// One of the program's constant texts.
  init(constant: Int) { bits = Self.kind * 2 | Int64(constant) }
  /// One of the texts that steps have made.
  init(made: Int) { bits = Self.kind * 3 | Int64(made) }
  /// The text of a table's row in one of the program's columns of tables.
  init(table column: Int, row: Int) { bits = Self.kind * 4 | Int64(column) << Self.rowBits | Int64(row) }

  /// A table has fewer rows than 2^40, and expressions fewer columns than 2^20.
  private static let rowBits: Int64 = 40

  var source: Source {
    let index = Int(bits & (Self.kind - 1))
    return switch bits >> 60 {
    case 1: .column(index)
    case 2: .constant(index)
    case 3: .made(index)
    case 4: .table(column: index >> Int(Self.rowBits), row: index & (1 << Int(Self.rowBits) - 1))
    default: .empty
    }
  }

  enum Source {
    case empty
    case column(Int)
    case constant(Int)
    case made(Int)
    case table(column: Int, row: Int)
  }
}

/// The texts that steps have made for the rows at hand.
struct MadeTexts {
  /// No text that is put together is longer, in bytes: otherwise rows could grow without bound.
  static let longest = 65_535

  private var bytes: [UInt8] = []
  private var starts = [0]

  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    starts.removeAll(keepingCapacity: true)
    starts.append(0)
  }

  mutating func add(_ text: [UInt8]) -> TextReference {
    bytes += text
    starts.append(bytes.count)
    return TextReference(made: starts.count - 2)
  }

  @_lifetime(borrow self)
  func text(_ index: Int) -> Span<UInt8> { bytes.span.extracting(starts[index]..<starts[index + 1]) }
}

extension Program.Tables {
  @_lifetime(borrow self)
  func text(_ index: Int) -> Span<UInt8> { texts.span.extracting(textStarts[index]..<textStarts[index + 1]) }
}
