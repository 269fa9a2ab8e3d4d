internal import Records

/// A plot as SVG: axes with a grid, and what is drawn between them.
struct Plot {
  private let id: String
  private let title: String
  /// What there is to see, for those who cannot.
  private let description: String
  private let x: Axis
  private let y: Axis
  private let width: Double
  private let height: Double
  private var shapes = ""
  private var legend: [(text: String, style: String)] = []

  /// Of one that has a row of the page for itself, and of two that share one.
  static let wide = (width: 1160.0, height: 320.0)
  static let half = (width: 560.0, height: 360.0)
  private static let margin = (top: 12.0, right: 16.0, bottom: 52.0, left: 84.0)

  init(
    id: String,
    _ title: String,
    _ description: String,
    x: Axis,
    y: Axis,
    width: Double = half.width,
    height: Double = half.height
  ) {
    self.id = id
    self.title = title
    self.description = description
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  private func left(_ value: Double) -> Double {
    Self.margin.left + x.share(value) * (width - Self.margin.left - Self.margin.right)
  }

  private func top(_ value: Double) -> Double {
    height - Self.margin.bottom - y.share(value) * (height - Self.margin.top - Self.margin.bottom)
  }

  private static func number(_ value: Double) -> String { value.fixed(1) }

  /// Names a style of shapes below the plot, before those that are named there: what is drawn last is on top.
  mutating func explain(_ style: String, _ text: String) { legend.insert((text, style), at: 0) }

  /// A line through points; those too near to the one before to be told from it are left out.
  mutating func line(_ points: some Sequence<(x: Double, y: Double)>, style: String, name: String) {
    var path = ""
    var last: (x: Double, y: Double)?
    var skipped: (x: Double, y: Double)?
    func move(_ place: (x: Double, y: Double)) {
      path += "\(path.isEmpty ? "M" : "L")\(Self.number(place.x)) \(Self.number(place.y))"
    }
    for point in points {
      let place = (x: left(point.x), y: top(point.y))
      if let last, abs(place.x - last.x) + abs(place.y - last.y) < 0.5 {
        skipped = place
        continue
      }
      last = place
      skipped = nil
      move(place)
    }
    if let skipped { move(skipped) }
    guard !path.isEmpty else { return }
    shapes += "<path class=\"line \(style)\" d=\"\(path)\"><title>\(HTML.escaped(name))</title></path>\n"
  }

  /// A bar from `start` to `end` along x.
  mutating func bar(_ start: Double, _ end: Double, from base: Double, to value: Double, style: String, name: String) {
    let (bottom, top) = (top(base), top(value))
    guard bottom > top else { return }
    let (left, right) = (left(start), left(end))
    shapes +=
      "<rect class=\"bar \(style)\" x=\"\(Self.number(left))\" y=\"\(Self.number(top))\" "
      + "width=\"\(Self.number(max(right - left, 0.5)))\" height=\"\(Self.number(bottom - top))\">"
      + "<title>\(HTML.escaped(name))</title></rect>\n"
  }

  /// Where the name of a point stands.
  enum Side {
    case left
    case right
  }

  /// A point that has its name beside it, to the left and below or to the right and above, where there is room.
  mutating func mark(_ x: Double, _ y: Double, style: String, name: String, _ side: Side) {
    let (left, top) = (left(x), top(y))
    let end = width - Self.margin.right
    let length = Double(name.count) * 6.5 + 12
    let isLeft = side == .left ? left - Self.margin.left > length : end - left < length
    shapes +=
      "<circle class=\"mark \(style)\" cx=\"\(Self.number(left))\" cy=\"\(Self.number(top))\" r=\"5\">"
      + "<title>\(HTML.escaped(name))</title></circle>"
      + "<text class=\"note\" x=\"\(Self.number(isLeft ? left - 9 : left + 9))\""
      + " y=\"\(Self.number(side == .left ? top + 18 : top - 9))\""
      + "\(isLeft ? " text-anchor=\"end\"" : "")>\(HTML.escaped(name))</text>\n"
  }

  var text: String {
    let items = legend.map { "<li><span class=\"key \($0.style)\"></span>\(HTML.escaped($0.text))</li>" }
    return """
      <figure class="\(width > Self.half.width ? "wide" : "half")"><figcaption>\(HTML.escaped(title))</figcaption>
      <svg id="\(id)" viewBox="0 0 \(Int(width)) \(Int(height))" role="img" aria-labelledby="\(id)-title \(id)-text">
      <title id="\(id)-title">\(HTML.escaped(title))</title>
      <desc id="\(id)-text">\(HTML.escaped(description))</desc>
      \(axes)\(shapes)</svg>
      \(items.isEmpty ? "" : "<ul class=\"legend\">\(items.joined())</ul>")
      <p class="about">\(HTML.escaped(description))</p></figure>

      """
  }

  private var axes: String {
    let (start, end) = (Self.margin.left, width - Self.margin.right)
    let bottom = height - Self.margin.bottom
    var text = "<g class=\"axes\">"
    for tick in y.ticks {
      let place = Self.number(top(tick.value))
      text += "<line class=\"grid\" x1=\"\(start)\" x2=\"\(end)\" y1=\"\(place)\" y2=\"\(place)\"/>"
      text +=
        "<text x=\"\(start - 8)\" y=\"\(place)\" dy=\"0.35em\" text-anchor=\"end\">\(HTML.escaped(tick.text))</text>"
    }
    for tick in x.ticks {
      let place = Self.number(left(tick.value))
      text += "<line class=\"tick\" x1=\"\(place)\" x2=\"\(place)\" y1=\"\(bottom)\" y2=\"\(bottom + 5)\"/>"
      text += "<text x=\"\(place)\" y=\"\(bottom + 20)\" text-anchor=\"middle\">\(HTML.escaped(tick.text))</text>"
    }
    text += "<line class=\"base\" x1=\"\(start)\" x2=\"\(end)\" y1=\"\(bottom)\" y2=\"\(bottom)\"/>"
    text += "<text class=\"label\" x=\"\((start + end) / 2)\" y=\"\(height - 8)\" text-anchor=\"middle\">"
    text += "\(HTML.escaped(x.label))</text>"
    let middle = (Self.margin.top + bottom) / 2
    text += "<text class=\"label\" transform=\"translate(16 \(middle)) rotate(-90)\" text-anchor=\"middle\">"
    return text + "\(HTML.escaped(y.label))</text></g>\n"
  }
}
