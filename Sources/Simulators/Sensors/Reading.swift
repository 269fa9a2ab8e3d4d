package import Records

/// What a simulated machine's sensor reads.
package struct Reading: Hashable, Sendable {
  /// Seconds since the start.
  package let time: Int64
  package let device: Int32
  /// Tenths of a degree Celsius.
  package let temperature: Int32
  /// Hundredths of a millimetre a second.
  package let vibration: Int32
  /// Nil: all is well.
  package let fault: Fault?

  /// What is wrong with a machine, or with its sensor.
  package enum Fault: String, Hashable, Sendable, CaseIterable {
    /// It grows warmer from reading to reading.
    case overheating
    /// It shakes more and more, and unevenly.
    case bearing
    /// The sensor reads the same over and over.
    case stuck
    /// A single reading is far off.
    case glitch
    /// The first reading after a silence.
    case silence
  }
}

extension Reading: SimulatedRow {
  package static func appendHeader(to text: inout TextBuffer) {
    text.append("reading_id,reading_time,device_id,temperature,vibration,is_fault,fault\n")
  }

  package func append(id: Int, start: Int64, to text: inout TextBuffer) {
    text.append(integer: Int64(id))
    text.append(byte: UInt8(ascii: ","))
    text.append(seconds: time, after: start)
    text.append(field: Int64(device))
    text.append(field: Int64(temperature), scale: 1)
    text.append(field: Int64(vibration), scale: 2)
    text.append(label: fault?.rawValue)
  }
}
