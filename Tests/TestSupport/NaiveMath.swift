internal import Foundation

/// The C library's functions: close to the stage's own, and not the same to the bit.
enum NaiveMath {
  static func ln(_ x: Double) -> Double { Foundation.log(x) }
  static func exp2(_ x: Double) -> Double { Foundation.exp2(x) }

  /// By the law of haversines on a sphere of the Earth's mean radius; degrees. Nil where one is no place.
  static func kilometres(
    _ latitude: Double,
    _ longitude: Double,
    _ toLatitude: Double,
    _ toLongitude: Double
  ) -> Double? {
    guard max(abs(latitude), abs(toLatitude)) <= 90, max(abs(longitude), abs(toLongitude)) <= 360 else { return nil }
    let (from, to) = (latitude * .pi / 180, toLatitude * .pi / 180)
    let (north, east) = (sin((to - from) / 2), sin((toLongitude - longitude) * .pi / 360))
    let half = north * north + cos(from) * cos(to) * east * east
    return 2 * 6371.0088 * asin(min(1, half.squareRoot()))
  }
}
