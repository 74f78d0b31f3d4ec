"""Which HTTP status each kind of error of the desk means."""

from appliance.desk import card_errors, errors

STATUSES: dict[type[Exception], int] = {
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Invalid: 422,
    errors.SameKeyOtherBody: 422,
    errors.NotAllowed: 403,
    errors.SignInRefused: 403,
    errors.WrongPin: 422,
    errors.SignInBusy: 429,
    errors.StorageFull: 507,
    errors.StorageFailed: 503,
    errors.SealingFailed: 503,
    errors.DeviceError: 503,
    card_errors.CardPinRefused: 422,
}
