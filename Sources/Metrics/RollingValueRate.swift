/// The share of fraud in the value of the last days, day by day.
package struct RollingValueRate {
  package let days: Int64
  private var window: [(day: Int64, fraud: Int128, all: Int128)] = []

  /// - Parameter days: how many, the day itself among them.
  package init(days: Int64) { self.days = days }

  /// Ends a day, which is behind those before; nil where the value of all days is not above 0.
  package mutating func close(_ day: Int64, fraud: Int128, all: Int128) -> Double? {
    window.append((day, fraud, all))
    window.removeAll { $0.day <= day - days }
    let sum = window.reduce(0) { $0 + $1.all }
    return sum > 0 ? Double(window.reduce(0) { $0 + $1.fraud }) / Double(sum) : nil
  }
}
