package import Records

/// One of the two bookings that a transfer makes: what an account pays, or what it gets.
package struct Booking: Hashable, Sendable {
  /// Seconds since the start.
  package let time: Int64
  package let transfer: Int32
  package let account: Int32
  /// The day on which the account was opened, counted from the start: 0 or less.
  package let opened: Int32
  /// The account at the other end.
  package let counterparty: Int32
  package let isOutgoing: Bool
  package let cents: Int64
  /// What the account is in a chain of mules; nil: it is in none.
  package let role: Role?

  package enum Role: String, Hashable, Sendable, CaseIterable {
    /// Was cheated.
    case victim
    /// Takes money and passes it on.
    case mule
    /// Hires mules.
    case collector
  }

  /// What a transfer is to the account that pays, and to the one that is paid.
  static func roles(of part: Transfer.Part?) -> (sender: Role?, receiver: Role?) {
    switch part {
    case nil: (nil, nil)
    case .loss: (.victim, .mule)
    case .layer: (.mule, .mule)
    case .collection: (.mule, .collector)
    }
  }
}

extension Booking: SimulatedRow {
  package static func appendHeader(to text: inout TextBuffer) {
    text.append(
      "booking_id,booking_time,transfer_id,account_id,account_opened,counterparty_id,direction,amount,is_mule,role\n"
    )
  }

  package func append(id: Int, start: Int64, to text: inout TextBuffer) {
    text.append(integer: Int64(id))
    text.append(byte: UInt8(ascii: ","))
    text.append(seconds: time, after: start)
    text.append(field: Int64(transfer))
    text.append(field: Int64(account))
    text.append(byte: UInt8(ascii: ","))
    text.append(seconds: Int64(opened) * Int64(SimulatedTime.day), after: start)
    text.append(field: Int64(counterparty))
    text.append(isOutgoing ? ",out" : ",in")
    text.append(field: cents, scale: 2)
    text.append(role == .mule ? ",1," : ",0,")
    text.append(role?.rawValue ?? "")
    text.append(byte: UInt8(ascii: "\n"))
  }
}
