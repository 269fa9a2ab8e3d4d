/// Distances on the sphere.
package enum GreatCircle {
  /// The mean radius of the earth (IUGG): 6371.0088 km.
  package static let earthRadius = 6371.0088

  /// Kilometres along the surface between two places, by the haversine formula, the same bits on every machine.
  ///
  /// - Parameters: degrees; NaN where a latitude is beyond 90 or a longitude beyond 360.
  package static func kilometres(_ latitude: Double, _ longitude: Double, _ other: Double, _ otherLongitude: Double)
    -> Double
  {
    guard abs(latitude) <= 90, abs(other) <= 90, abs(longitude) <= 360, abs(otherLongitude) <= 360 else { return .nan }
    let radians = Double.pi / 180
    let height = Elementary.sin((other - latitude) * radians / 2)
    let width = Elementary.sin((otherLongitude - longitude) * radians / 2)
    let part =
      height * height + Elementary.cos(latitude * radians) * Elementary.cos(other * radians) * (width * width)
    // Rounding must not lead beyond the other side of the earth.
    return 2 * earthRadius * Elementary.asin(min(part.squareRoot(), 1))
  }
}
