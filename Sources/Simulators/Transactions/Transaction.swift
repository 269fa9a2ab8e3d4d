package import Records

/// A simulated card transaction.
package struct Transaction: Hashable, Sendable {
  /// Seconds since the start.
  package let time: Int64
  package let customer: Int32
  package let terminal: Int32
  package var cents: Int64
  /// What made it a fraud: 1, an amount above 220; 2, a compromised terminal; 3, a compromised customer; 0, it is none.
  package var scenario: UInt8
}

extension Transaction: SimulatedRow {
  /// The handbook's simulation starts here, on a Sunday: microseconds since 1970.
  package static let handbookStart = Timestamp.days(year: 2018, month: 4, day: 1) * Timestamp.microsecondsPerDay

  /// The handbook's columns.
  package static func appendHeader(to text: inout TextBuffer) {
    text.append("TRANSACTION_ID,TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,TX_FRAUD,TX_FRAUD_SCENARIO\n")
  }

  package func append(id: Int, start: Int64, to text: inout TextBuffer) {
    text.append(integer: Int64(id))
    text.append(byte: UInt8(ascii: ","))
    text.append(seconds: time, after: start)
    text.append(field: Int64(customer))
    text.append(field: Int64(terminal))
    text.append(field: cents, scale: 2)
    text.append(scenario == 0 ? ",0," : ",1,")
    text.append(integer: Int64(scenario))
    text.append(byte: UInt8(ascii: "\n"))
  }
}
