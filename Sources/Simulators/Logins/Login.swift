package import Records

/// A simulated attempt to log in.
package struct Login: Hashable, Sendable {
  /// Seconds since the start.
  package let time: Int64
  package let account: Int32
  package let device: Int32
  /// An IPv4 address.
  package let address: UInt32
  /// Where the address is.
  package let place: GeoPoint
  package let isSuccess: Bool
  /// Nil: the owner's own.
  package let attack: Attack?

  /// How somebody else came to log in, or tried to.
  package enum Attack: String, Hashable, Sendable, CaseIterable {
    /// With the right password, at once.
    case stolenPassword = "stolen_password"
    /// With one password after another for one account.
    case guessing
    /// With names and passwords from a list, one after another from one address.
    case stuffing
  }
}

extension Login: SimulatedRow {
  package static func appendHeader(to text: inout TextBuffer) {
    text.append("login_id,login_time,account_id,device_id,ip,latitude,longitude,outcome,is_attack,attack\n")
  }

  package func append(id: Int, start: Int64, to text: inout TextBuffer) {
    text.append(integer: Int64(id))
    text.append(byte: UInt8(ascii: ","))
    text.append(seconds: time, after: start)
    text.append(field: Int64(account))
    text.append(field: Int64(device))
    text.append(byte: UInt8(ascii: ","))
    for shift: UInt32 in [24, 16, 8, 0] {
      text.append(integer: Int64(address >> shift & 255))
      if shift > 0 { text.append(byte: UInt8(ascii: ".")) }
    }
    text.append(field: Int64(place.latitude), scale: 4)
    text.append(field: Int64(place.longitude), scale: 4)
    text.append(isSuccess ? ",ok" : ",failed")
    text.append(label: attack?.rawValue)
  }
}
