/// A place on Earth, in ten-thousandths of a degree: some ten metres.
package struct GeoPoint: Hashable, Sendable {
  package let latitude: Int32
  package let longitude: Int32

  /// A place near this one: within a few kilometres, mostly.
  func nearby(_ random: inout RandomNumbers) -> GeoPoint {
    GeoPoint(
      latitude: latitude + Int32(random.normal(mean: 0, deviation: 300)),
      longitude: longitude + Int32(random.normal(mean: 0, deviation: 300))
    )
  }

  /// Where people are.
  static let cities: [GeoPoint] = [
    (52_5200, 13_4050), (48_1351, 11_5820), (53_5511, 9_9937), (50_1109, 8_6821), (51_5074, -1278), (53_4808, -2_2426),
    (55_9533, -3_1883), (48_8566, 2_3522), (45_7640, 4_8357), (43_2965, 5_3698), (40_4168, -3_7038), (41_3874, 2_1686),
    (38_7223, -9_1393), (41_9028, 12_4964), (45_4642, 9_1900), (48_2082, 16_3738), (47_3769, 8_5417), (50_8503, 4_3517),
    (52_3676, 4_9041), (55_6761, 12_5683), (59_3293, 18_0686), (59_9139, 10_7522), (60_1699, 24_9384),
    (52_2297, 21_0122),
    (50_0755, 14_4378), (47_4979, 19_0402), (44_4268, 26_1025), (37_9838, 23_7275), (41_0082, 28_9784),
    (53_3498, -6_2603),
    (40_7128, -74_0060), (41_8781, -87_6298), (34_0522, -118_2437), (43_6532, -79_3832), (19_4326, -99_1332),
    (-23_5505, -46_6333), (6_5244, 3_3792), (-26_2041, 28_0473), (25_2048, 55_2708), (19_0760, 72_8777),
    (1_3521, 103_8198), (35_6762, 139_6503), (-33_8688, 151_2093), (21_0278, 105_8342),
  ].map { GeoPoint(latitude: $0, longitude: $1) }

  /// The first of them, near one another, are where customers live; attackers may be anywhere.
  static let homeCities = 30
}
