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

extension Transaction {
  /// The handbook's simulation starts here, on a Sunday: microseconds since 1970.
  package static let handbookStart = Timestamp.days(year: 2018, month: 4, day: 1) * Timestamp.microsecondsPerDay

  /// The header line of the handbook's columns.
  package static func appendHeader(to text: inout TextBuffer) {
    text.append("TRANSACTION_ID,TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,TX_FRAUD,TX_FRAUD_SCENARIO\n")
  }

  /// The CSV line of this transaction.
  ///
  /// - Parameters:
  ///   - id: its number in the order of time.
  ///   - start: the time from which its own counts, in microseconds since 1970.
  package func append(id: Int, start: Int64, to text: inout TextBuffer) {
    text.append(integer: Int64(id))
    text.append(byte: UInt8(ascii: ","))
    text.append(timestamp: start + time * Timestamp.microsecondsPerSecond, separator: UInt8(ascii: " "))
    for number in [Int64(customer), Int64(terminal)] {
      text.append(byte: UInt8(ascii: ","))
      text.append(integer: number)
    }
    text.append(byte: UInt8(ascii: ","))
    text.append(decimal: cents, scale: 2)
    text.append(scenario == 0 ? ",0," : ",1,")
    text.append(integer: Int64(scenario))
    text.append(byte: UInt8(ascii: "\n"))
  }
}
