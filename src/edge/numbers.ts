import {
  type CountryCode,
  getCountryCallingCode,
  isSupportedCountry,
  type PhoneNumber,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/min'
import type { NumberPlan } from '../directory/number-plan.ts'

/** The world's numbering plans, as libphonenumber knows them. */
export const numberPlan: NumberPlan = {
  e164(text, country) {
    const number = parsed(text, country)
    // A guess that puts the own country in front must be right; an international number may be newer than the metadata.
    const certain = number !== undefined && (namesCountry(number, text, country) ? number.isPossible() : number.isValid())
    return certain ? number.number : undefined
  },
  possible(text, country) {
    const number = parsed(text, country)
    return number?.isPossible() === true ? number.number : undefined
  },
}

export const isCountry = (code: string): code is CountryCode => isSupportedCountry(code)

/** Without a known country, digits are read as E.164 that lost its `+`. */
function parsed(text: string, country: string): PhoneNumber | undefined {
  if (!/^\+?\d{3,24}$/.test(text)) return undefined
  if (isCountry(country)) return parsePhoneNumberFromString(text, country)
  return parsePhoneNumberFromString(text.startsWith('+') ? text : `+${text}`)
}

/** Whether the text itself says which country: by `+`, or by an international prefix such as 00 towards another one. */
function namesCountry(number: PhoneNumber, text: string, country: string): boolean {
  return text.startsWith('+') || !isCountry(country) || number.countryCallingCode !== getCountryCallingCode(country)
}
