package import Records

/// A simulated question to a card's issuer, whether a purchase may be paid with it.
package struct Authorisation: Hashable, Sendable {
  /// Seconds since the start.
  package let time: Int64
  package let merchant: Int32
  package let card: CardNumber
  package let cents: Int64
  package let isApproved: Bool
  /// Nil: the holder's own.
  package let attack: Attack?

  /// What a thief does with numbers of cards.
  package enum Attack: String, Hashable, Sendable, CaseIterable {
    /// Finds out by small purchases which of them are good.
    case testing
    /// Buys something with one that is.
    case cashOut = "cash_out"
  }
}

/// A card's number, made up: the six digits that name its issuer (the BIN), and six more.
package struct CardNumber: Hashable, Comparable, Sendable {
  package let bin: Int32
  package let rest: Int32

  package static func < (a: CardNumber, b: CardNumber) -> Bool { (a.bin, a.rest) < (b.bin, b.rest) }

  static let bins: [Int32] = [400_012, 412_305, 431_940, 455_216, 489_077, 510_338, 527_451, 541_609]

  /// Any number of an issuer, of which few are in use.
  init(bin: Int32, _ random: inout RandomNumbers) {
    self.bin = bin
    rest = Int32(random.index(below: 1_000_000))
  }
}

extension Authorisation: SimulatedRow {
  package static func appendHeader(to text: inout TextBuffer) {
    text.append("auth_id,auth_time,merchant_id,bin,card_id,amount,outcome,is_attack,attack\n")
  }

  package func append(id: Int, start: Int64, to text: inout TextBuffer) {
    text.append(integer: Int64(id))
    text.append(byte: UInt8(ascii: ","))
    text.append(seconds: time, after: start)
    text.append(field: Int64(merchant))
    text.append(field: Int64(card.bin))
    text.append(field: Int64(card.bin) * 1_000_000 + Int64(card.rest))
    text.append(field: cents, scale: 2)
    text.append(isApproved ? ",approved" : ",declined")
    text.append(label: attack?.rawValue)
  }
}
