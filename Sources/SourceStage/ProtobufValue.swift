internal import Records

extension ProtobufField {
  /// What a field says.
  enum Value {
    case int(Int64)
    case float(Double)
    case bool(Bool)
    /// Microseconds since 1970 UTC.
    case time(Int64)
    /// Of an enumeration.
    case name(String)
    /// A text, by its place in the bytes.
    case bytes(Range<Int>)

    var isText: Bool {
      switch self {
      case .name, .bytes: true
      case .int, .float, .bool, .time: false
      }
    }
  }

  enum Outcome {
    case value(Value)
    case problem(String)
  }

  /// What it says where it is not there.
  var zero: Value {
    switch kind {
    case .int32, .int64, .uint32, .uint64, .sint32, .sint64, .fixed32, .fixed64, .sfixed32, .sfixed64: .int(0)
    case .float, .double: .float(0)
    case .bool: .bool(false)
    case .string: .bytes(0..<0)
    case .enumeration: .name(name(0))
    case .timestamp: .time(0)
    }
  }

  /// What its bytes mean.
  func value(_ wire: WireCursor.Value, in bytes: Span<UInt8>) -> Outcome {
    switch (kind, wire) {
    case (.int32, .varint(let bits)): .value(.int(Int64(Int32(truncatingIfNeeded: bits))))
    case (.int64, .varint(let bits)): .value(.int(Int64(bitPattern: bits)))
    case (.uint32, .varint(let bits)): .value(.int(Int64(UInt32(truncatingIfNeeded: bits))))
    case (.uint64, .varint(let bits)), (.fixed64, .fixed64(let bits)): Self.unsigned(bits)
    case (.sint32, .varint(let bits)): .value(.int(Int64(Self.zigzag(UInt32(truncatingIfNeeded: bits)))))
    case (.sint64, .varint(let bits)): .value(.int(Self.zigzag(bits)))
    case (.fixed32, .fixed32(let bits)): .value(.int(Int64(bits)))
    case (.sfixed32, .fixed32(let bits)): .value(.int(Int64(Int32(bitPattern: bits))))
    case (.sfixed64, .fixed64(let bits)): .value(.int(Int64(bitPattern: bits)))
    case (.float, .fixed32(let bits)): .value(.float(Double(Float(bitPattern: bits))))
    case (.double, .fixed64(let bits)): .value(.float(Double(bitPattern: bits)))
    case (.bool, .varint(let bits)): .value(.bool(bits != 0))
    case (.enumeration, .varint(let bits)): .value(.name(name(Int32(truncatingIfNeeded: bits))))
    case (.string, .bytes(let range)): .value(.bytes(range))
    case (.timestamp, .bytes(let range)): Self.time(bytes, range)
    default: .problem("its bytes are those of another type than the message's schema says, \(kind)")
    }
  }

  /// A number without a name is its own: programs of tomorrow may know more of them.
  private func name(_ number: Int32) -> String { names.first { $0.number == number }?.text ?? "\(number)" }

  private static func unsigned(_ bits: UInt64) -> Outcome {
    if let number = Int64(exactly: bits) { return .value(.int(number)) }
    return .problem("\(bits) is greater than the largest int64, \(Int64.max)")
  }

  private static func zigzag(_ bits: UInt64) -> Int64 { Int64(bitPattern: bits >> 1) ^ -Int64(bits & 1) }
  private static func zigzag(_ bits: UInt32) -> Int32 { Int32(bitPattern: bits >> 1) ^ -Int32(bits & 1) }

  /// A `google.protobuf.Timestamp`: what is finer than a microsecond is cut.
  private static func time(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Outcome {
    var cursor = WireCursor(bytes, in: range)
    var (seconds, nanoseconds) = (Int64(0), Int64(0))
    fields: while true {
      switch cursor.next() {
      case .field(number: 1, .varint(let bits)): seconds = Int64(bitPattern: bits)
      case .field(number: 2, .varint(let bits)): nanoseconds = Int64(Int32(truncatingIfNeeded: bits))
      case .field: break
      case .end: break fields
      case .malformed: return .problem("no google.protobuf.Timestamp")
      }
    }
    let (time, overflow) = seconds.multipliedReportingOverflow(by: Timestamp.microsecondsPerSecond)
    guard !overflow, 0..<1_000_000_000 ~= nanoseconds, TimeRange.all.contains(time) else {
      return .problem("\(seconds) s and \(nanoseconds) ns are no time of the years 1 to 9999")
    }
    return .value(.time(time + nanoseconds / 1000))
  }
}
