package calendar

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"unicode"

	"memberportal/internal/events"
	"memberportal/internal/kit"
)

// words are what a feed says in its own words.
type words struct {
	// all and own name the feeds.
	all, own string
	// postponed and cancelled come before a title, for programs that show no status; monthOnly comes
	// behind it.
	postponed, cancelled, monthOnly string
	// lastDayUnknown says in the description that the event may go on after the day that calendars show.
	lastDayUnknown string
	// madeUp begins the description of a demonstration record.
	madeUp string
	// opens, closes, contributions and consultation come before the title of what a deadline is about.
	opens, closes, contributions, consultation string
	// madeUpConsultation is the description of the deadline of a demonstration record.
	madeUpConsultation string
	// standing says how the reader's registration stands.
	standing map[events.RegistrationStatus]string
}

// standings are in the order of events.RegistrationStatuses: requested, waiting, confirmed, cancelled.
func standings(texts ...string) map[events.RegistrationStatus]string {
	all := map[events.RegistrationStatus]string{}
	for i, status := range events.RegistrationStatuses {
		all[status] = texts[i]
	}
	return all
}

var wordsIn = map[kit.Locale]words{
	kit.Arabic:  {"الفعاليات", "فعالياتكم", "مؤجلة: ", "ملغاة: ", " (لم يُحدَّد اليوم بعد)", "تبدأ الفعالية في هذا اليوم، ولم يُحدَّد يومها الأخير بعد.", "سجل تجريبي: هذه الفعالية غير حقيقية.", "فتح التسجيل: ", "آخر يوم للتسجيل: ", "آخر يوم للمساهمات: ", "آخر يوم للمشاورة: ", "سجل تجريبي: هذه المشاورة غير حقيقية.", standings("تسجيلكم: مطلوب، ولم يؤكَّد بعد.", "تسجيلكم: على قائمة الانتظار.", "تسجيلكم: مؤكَّد.", "تسجيلكم: ملغى.")},
	kit.Chinese: {"活动", "您的活动", "已推迟：", "已取消：", "（具体日期未定）", "活动从这一天开始，最后一天尚未确定。", "演示记录：此活动为虚构。", "注册开放：", "注册截止：", "文稿截止：", "征求意见截止：", "演示记录：此次征求意见为虚构。", standings("您的注册：已申请，尚未确认。", "您的注册：在候补名单上。", "您的注册：已确认。", "您的注册：已取消。")},
	kit.English: {"Events", "Your events", "Postponed: ", "Cancelled: ", " (day not yet known)", "The event begins on this day; its last day is not known yet.", "Demonstration record: this event is made up.", "Registration opens: ", "Registration closes: ", "Contributions due: ", "Consultation closes: ", "Demonstration record: this consultation is made up.", standings("Your registration: requested, not confirmed yet.", "Your registration: on the waiting list.", "Your registration: confirmed.", "Your registration: cancelled.")},
	kit.French:  {"Événements", "Vos événements", "Reporté : ", "Annulé : ", " (jour pas encore connu)", "L’événement commence ce jour-là ; son dernier jour n’est pas encore connu.", "Donnée de démonstration : cet événement est fictif.", "Ouverture des inscriptions : ", "Clôture des inscriptions : ", "Contributions à remettre : ", "Clôture de la consultation : ", "Donnée de démonstration : cette consultation est fictive.", standings("Votre inscription : demandée, pas encore confirmée.", "Votre inscription : sur liste d’attente.", "Votre inscription : confirmée.", "Votre inscription : annulée.")},
	kit.Russian: {"Мероприятия", "Ваши мероприятия", "Перенесено: ", "Отменено: ", " (день пока не известен)", "Мероприятие начинается в этот день; его последний день пока не известен.", "Демонстрационная запись: это мероприятие вымышлено.", "Начало регистрации: ", "Окончание регистрации: ", "Срок подачи вкладов: ", "Окончание консультации: ", "Демонстрационная запись: эта консультация вымышлена.", standings("Ваша регистрация: запрошена, пока не подтверждена.", "Ваша регистрация: в списке ожидания.", "Ваша регистрация: подтверждена.", "Ваша регистрация: отменена.")},
	kit.Spanish: {"Eventos", "Sus eventos", "Aplazado: ", "Cancelado: ", " (día aún no conocido)", "El evento comienza ese día; aún no se conoce su último día.", "Registro de demostración: este evento es ficticio.", "Apertura de la inscripción: ", "Cierre de la inscripción: ", "Plazo de contribuciones: ", "Cierre de la consulta: ", "Registro de demostración: esta consulta es ficticia.", standings("Su inscripción: solicitada, aún no confirmada.", "Su inscripción: en lista de espera.", "Su inscripción: confirmada.", "Su inscripción: cancelada.")},
}

func wordsOf(ctx context.Context) words { return wordsIn[kit.LocaleOf(ctx)] }

// block is a text of several lines that holds no control characters but line breaks. The writer
// escapes those; a bare CR it would pass on.
func block(s string) string {
	s = breaks.Replace(strings.ToValidUTF8(s, "\uFFFD"))
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' {
			return -1
		}
		return r
	}, s))
}

var breaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\t", " ")

// line is a text of one line.
func line(s string) string { return strings.ReplaceAll(block(s), "\n", " ") }

// link is a web address as it may stand in a calendar, empty for what is none: programs make links of
// whatever they are given.
func link(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || line(s) != s || strings.Contains(s, " ") {
		return ""
	}
	var b strings.Builder
	for _, c := range []byte(u.String()) {
		if c > '~' || strings.IndexByte("\"<>\\^`{|}", c) >= 0 { // no part of an address, though programs take it
			_, _ = fmt.Fprintf(&b, "%%%02X", c)
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}
