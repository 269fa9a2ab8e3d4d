/// Who owns an account, and how they log in.
struct AccountProfile {
  let city: Int
  let home: GeoPoint
  let homeAddress: UInt32
  let loginsPerDay: Double
  /// Whether some of their logins come through a tunnel that ends in another country.
  let hasTunnel: Bool
  /// The first is at home; the others are carried around. They are replaced as time goes on.
  var devices: [Int32]

  init(_ random: inout RandomNumbers) {
    city = random.index(below: GeoPoint.homeCities)
    home = GeoPoint.cities[city].nearby(&random)
    homeAddress = LoginAddress.any(&random)
    loginsPerDay = random.uniform(0.3, 2)
    hasTunnel = random.chance(0.04)
    devices = []
    for _ in 0...random.index(below: 3) { devices.append(Self.newDevice(&random)) }
  }

  static func newDevice(_ random: inout RandomNumbers) -> Int32 { Int32(random.integer(in: 100_000_000...999_999_999)) }
}

/// Addresses, all of them private ones, so that none is anybody's.
enum LoginAddress {
  static func any(_ random: inout RandomNumbers) -> UInt32 { 10 << 24 | UInt32(random.index(below: 1 << 24)) }

  /// An address that many share: an office or a carrier of a city.
  static func shared(inCity city: Int, _ number: Int) -> UInt32 { 172 << 24 | 16 << 16 | UInt32(city << 8 | number) }
}
