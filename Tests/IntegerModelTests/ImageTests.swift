import IntegerModel
import Planning
import TestSupport
import Testing

@Suite struct ImageTests {
  /// A small learnt network, with carried blocks and rates so that every section of the image is there.
  static func learnt(seed: UInt64, factored: Bool = true) -> IntegerNetwork {
    var options = RandomPlanOptions()
    options.block = 6
    options.factored = factored
    options.largestCount = 3
    let network = IntegerNetwork(PlanGenerator.plan(seed: seed, options))
    for trial in 0..<3 as Range<UInt64> {
      _ = LifecycleTests.run(network, RandomStimulus(network.plan, steps: 20, seed: seed + trial))
    }
    network.reset()
    return network
  }

  static func refusal(_ network: IntegerNetwork, _ bytes: [UInt8]) -> ImageRefusal? {
    do {
      try network.load(bytes)
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: 0..<12 as Range<UInt64>) func learningResumes(seed: UInt64) {
    let network = Self.learnt(seed: seed, factored: seed % 2 == 0)
    let resumed = IntegerNetwork(network.plan)
    #expect(Self.refusal(resumed, network.save()) == nil)
    for trial in 10..<14 as Range<UInt64> {
      let stimulus = RandomStimulus(network.plan, steps: 20, seed: seed + trial)
      #expect(LifecycleTests.run(network, stimulus) == LifecycleTests.run(resumed, stimulus))
      #expect(LifecycleTests.everything(network) == LifecycleTests.everything(resumed))
    }
  }

  @Test func layout() {
    let network = Self.learnt(seed: 1)
    let image = network.save()
    #expect(Array(image[0..<8]) == Array("EPRW".utf8) + [2, 0, 0, 0])
    let hash = (0..<8).reduce(UInt64(0)) { $0 | UInt64(image[8 + $1]) << UInt64(8 * $1) }
    #expect(hash == network.plan.hash)
    #expect(UInt32(image[16]) == network.updates)
    let crc = (0..<4).reduce(UInt32(0)) { $0 | UInt32(image[image.count - 4 + $1]) << UInt32(8 * $1) }
    #expect(crc == crc32(image.dropLast(4)))
    let first = network.plan.projections.firstIndex { $0.isPlastic }
    let array = network.allArrays.first { $0.name == "weights.\(network.plan.projections[first ?? 0].name)" }
    let bytes = array?.bytes ?? []
    #expect(!bytes.isEmpty && Array(image[32..<32 + bytes.count]) == bytes)
  }

  @Test func everyFlippedBitIsRefused() {
    let network = Self.learnt(seed: 2)
    let image = network.save()
    let victim = IntegerNetwork(network.plan)
    let before = LifecycleTests.everything(victim)
    for bit in 0..<8 * image.count {
      var broken = image
      broken[bit / 8] ^= 1 << UInt8(bit % 8)
      let reason = Self.refusal(victim, broken)
      let expected: ImageRefusal =
        switch bit / 8 {
        case 0..<4: .magic
        case 4..<8: .version
        case 8..<16: .plan
        default: .checksum
        }
      #expect(reason == expected, "bit \(bit)")
    }
    #expect(LifecycleTests.everything(victim) == before)
  }

  @Test func everyTruncationIsRefused() {
    let network = Self.learnt(seed: 2)
    let image = network.save()
    let victim = IntegerNetwork(network.plan)
    let before = LifecycleTests.everything(victim)
    for count in image.indices { #expect(Self.refusal(victim, Array(image[..<count])) == .truncated) }
    #expect(Self.refusal(victim, image + [0]) == .tooLong)
    #expect(LifecycleTests.everything(victim) == before)
  }

  @Test func anotherPlanIsRefused() {
    var other = Self.learnt(seed: 2).plan
    other.maximumSteps += 1
    #expect(Self.refusal(IntegerNetwork(other), Self.learnt(seed: 2).save()) == .plan)
  }

  @Test func valuesOutOfRangeAreRefused() {
    let network = Self.learnt(seed: 2)
    var image = network.save()
    image[26] = 0xFF
    let crc = crc32(image.dropLast(4))
    for k in 0..<4 { image[image.count - 4 + k] = UInt8(truncatingIfNeeded: crc >> UInt32(8 * k)) }
    let before = LifecycleTests.everything(network)
    #expect(Self.refusal(network, image) == .content)
    #expect(LifecycleTests.everything(network) == before)
  }
}
